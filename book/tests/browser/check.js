// SPDX-License-Identifier: MIT
// check.js -- the suite `browser`: reads the rendered book as a reader does,
// in one Chromium, from disk.  Prints TAP; keeps screenshots.
//     node check.js HTML-DIRECTORY SCREENSHOT-DIRECTORY
// chrome.js drives the browser, page.js asks inside of the pages.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const {pathToFileURL} = require('node:url');
const {Chrome} = require('./chrome.js');
const {contrast, overflow, clashes} = require('./page.js');

const CONTRAST = 4.5;
const WIDTHS = [320, 800, 1440];
const SCHEMES = ['light', 'dark'];

const [html, shots] = process.argv.slice(2).map((p) => path.resolve(p));
if (!shots || !fs.existsSync(path.join(html, 'index.html'))) {
    console.error('usage: node check.js HTML-DIRECTORY SCREENSHOT-DIRECTORY\n' +
                  'The first has no index.html: make book');
    process.exit(2);
}
const base = pathToFileURL(html + '/').href;
const pages = fs.readdirSync(html).filter((f) => f.endsWith('.html')).sort();
const sources = fs.existsSync(path.join(html, 'src'))
    ? fs.readdirSync(path.join(html, 'src')).filter((f) => f.endsWith('.html'))
        .map((f) => 'src/' + f).sort()
    : [];
const chapters = pages.filter((p) => /^\d\d-/.test(p));
// The page that is looked at closely: the first chapter, or what there is.
const model = chapters.find((p) => p.startsWith('01-')) || chapters[0] ||
    'index.html';

const tests = [];
const results = [];

// A test returns a list of what is wrong; an empty one is a pass.
function test(name, body) {
    tests.push({name, body});
}

async function perform(t) {
    for (const {name, body} of tests) {
        let wrong;
        try {
            wrong = await body(t);
        } catch (e) {
            wrong = [String(e.stack || e)];
        }
        results.push(wrong.length === 0);
        const n = results.length;
        console.log(`${wrong.length ? 'not ' : ''}ok ${n} - ${name}`);
        wrong.slice(0, 12).forEach((w) =>
            console.log('# ' + w.replace(/\n/g, '\n# ')));
        if (wrong.length > 12)
            console.log(`# and ${wrong.length - 12} more`);
    }
}

function equal(got, expected, what) {
    return JSON.stringify(got) === JSON.stringify(expected) ? []
        : [`${what}: expected ${JSON.stringify(expected)}`,
           `${' '.repeat(what.length)}  got      ${JSON.stringify(got)}`];
}

const where = (t) => t.run(() => decodeURI(location.href));

// Does something that leads to another page and waits until that is there.
async function follow(t, action) {
    const there = t.loaded();
    await action();
    await there;
}

// Looks once a frame whether a function of the page is true; gives up after
// much longer than any machine needs.
async function until(t, f, ...args) {
    for (const start = Date.now(); Date.now() - start < 120000;) {
        if (await t.run(f, ...args))
            return true;
        await t.run(() => new Promise((r) => requestAnimationFrame(r)));
    }
    return false;
}

async function fresh(t, page, width = 1440, scheme = 'light') {
    await t.view(width);
    await t.media(scheme);
    await t.open(base + page);
}

// ---- every page, in every width and scheme ----

async function everyLook(t, page) {
    const wrong = [];
    await fresh(t, page);
    for (const width of WIDTHS) {
        await t.view(width);
        const out = await t.run(overflow);
        if (out)
            wrong.push(`${page}: scrolls sideways at ${width} px: ${out}`);
        // Colours do not change with the width, but what is shown does.
        for (const scheme of width === 800 ? [] : SCHEMES) {
            await t.media(scheme);
            const {texts, bad} = await t.run(contrast, CONTRAST);
            if (texts < 3)
                wrong.push(`${page}: ${texts} texts to be seen at ${width} px`);
            bad.forEach((b) =>
                wrong.push(`${page}, ${width} px, ${scheme}: ${b}`));
        }
    }
    await t.view(1440);
    const {bad} = await t.run(clashes);
    bad.forEach((b) => wrong.push(`${page}: side note ${b}`));
    t.takeComplaints().forEach((c) => wrong.push(`${page}: ${c}`));
    return wrong;
}

for (const page of pages) {
    test(`${page}: quiet, ${WIDTHS.join(', ')} px wide, both schemes, ` +
         `contrast ${CONTRAST}:1`, (t) => everyLook(t, page));
}

// Source pages are many and alike: each is loaded once, narrow and dark, which
// is where they would fail; the longest-named and the first get all looks.
test(`${sources.length} source pages: quiet, narrow, contrast`, async (t) => {
    const wrong = sources.length ? [] : ['there are none'];
    await t.view(320);
    await t.media('dark');
    for (const page of sources) {
        await t.open(base + page);
        const out = await t.run(overflow);
        if (out)
            wrong.push(`${page}: scrolls sideways at 320 px: ${out}`);
        const {bad} = await t.run(contrast, CONTRAST);
        bad.forEach((b) => wrong.push(`${page}: ${b}`));
        t.takeComplaints().forEach((c) => wrong.push(`${page}: ${c}`));
    }
    const longest = [...sources].sort((a, b) => b.length - a.length)[0];
    for (const page of new Set([sources[0], longest].filter(Boolean)))
        wrong.push(...await everyLook(t, page));
    return wrong;
});

// ---- search ----

test('search: / opens it, Enter lands on the section, words are marked',
     async (t) => {
    const index = await (async () => {
        global.window = {};
        require(path.join(html, 'theme', 'search-index.js'));
        return global.window.RT_SEARCH;
    })();
    const wrong = [];
    // Words that one section alone has, from the first, a middle and the last
    // of the sections that have such a word.
    const lone = [];
    for (const e of index.filter((x) => x.id)) {
        const word = (e.text.match(/\b[a-z]{7,}\b/g) || []).find((w) =>
            index.filter((o) => `${o.title} ${o.section} ${o.text}`
                .toLowerCase().includes(w)).length === 1);
        if (word)
            lone.push({word, e});
    }
    if (!lone.length)
        return ['no section of the index has a word of its own'];
    const picks = new Set([0, lone.length >> 1, lone.length - 1]);
    for (const {word, e} of [...picks].map((i) => lone[i])) {
        await fresh(t, model, 1280);
        await t.key('/');
        await t.send('Input.insertText', {text: word});
        if (!await until(t, () => document.querySelector('.search-hits li'))) {
            wrong.push(`“${word}” is in ${e.page}#${e.id}, and not found`);
            continue;
        }
        wrong.push(...equal(await t.run(
            () => document.querySelectorAll('.search-hits li').length), 1,
            `sections found for “${word}”`));
        await follow(t, () => t.key('Enter'));
        wrong.push(...equal(await where(t), base + e.page + '#' + e.id,
                            `“${word}” leads to`));
        const seen = await t.run((id) => {
            const s = document.getElementById(id);
            const top = s ? s.getBoundingClientRect().top : NaN;
            return {top: top > -20 && top < innerHeight,
                    marks: s ? [...s.querySelectorAll('mark')].map(
                        (m) => m.textContent.toLowerCase()) : []};
        }, e.id);
        if (!seen.top)
            wrong.push(`${e.page}#${e.id} is not in view after the search`);
        if (!seen.marks.includes(word))
            wrong.push(`“${word}” is not marked in ${e.page}#${e.id}`);
    }
    return wrong.concat(t.takeComplaints());
});

test('search: arrows choose, Esc closes, nothing found is said',
     async (t) => {
    const wrong = [];
    await fresh(t, model, 400);
    await t.key('/');
    await t.send('Input.insertText', {text: 'fork'});
    await until(t, () => document.querySelectorAll('.search-hits li').length);
    const chosen = () => [...document.querySelectorAll('.search-hits li')]
        .findIndex((li) => li.getAttribute('aria-selected') === 'true');
    const found = await t.run(
        () => document.querySelectorAll('.search-hits li').length);
    if (found < 2)
        wrong.push(`“fork” is found in ${found} sections of a book about it`);
    await t.key('ArrowDown');
    wrong.push(...equal(await t.run(chosen), 1, 'after ArrowDown'));
    await t.key('ArrowUp');
    await t.key('ArrowUp');
    wrong.push(...equal(await t.run(chosen), found - 1, 'two ArrowUp'));
    const out = await t.run(overflow);
    if (out)
        wrong.push('the dialog scrolls sideways: ' + out);
    const {bad} = await t.run(contrast, CONTRAST);
    wrong.push(...bad);
    await t.media('dark');
    wrong.push(...(await t.run(contrast, CONTRAST)).bad);
    await t.run(() => { document.querySelector('.search-field').value = ''; });
    await t.send('Input.insertText', {text: 'xyzzyx'});
    const said = await t.run(
        () => document.querySelector('.search-say').textContent);
    if (!/xyzzyx/.test(said))
        wrong.push(`nothing is found, and it says: “${said}”`);
    await t.key('Escape');
    if (await t.run(() => !!document.querySelector('dialog[open]')))
        wrong.push('Esc does not close it');
    return wrong.concat(t.takeComplaints());
});

// ---- keys ----

test('keys: → from the cover reaches every page, ← goes back', async (t) => {
    const wrong = [];
    await fresh(t, 'index.html');
    const seen = ['index.html'];
    while (seen.length <= pages.length &&
           await t.run(() => !!document.querySelector('a[rel="next"]'))) {
        await follow(t, () => t.key('ArrowRight'));
        seen.push((await where(t)).slice(base.length));
    }
    wrong.push(...equal([...seen].sort(), pages, 'pages reached by →'));
    if (seen.length > 1) {
        await follow(t, () => t.key('ArrowLeft'));
        wrong.push(...equal((await where(t)).slice(base.length),
                            seen[seen.length - 2], 'the page reached by ←'));
    }
    return wrong.concat(t.takeComplaints());
});

test('keys: arrows move a wide listing, not the page', async (t) => {
    await fresh(t, model, 320);
    const there = await t.run(() => {
        const box = document.querySelector('.text pre[data-scrolls]');
        if (box)
            box.focus();
        return box && document.activeElement === box;
    });
    if (!there)
        return ['no listing that scrolls at 320 px can be reached by Tab'];
    const before = await where(t);
    await t.key('ArrowRight');
    const moved = await until(
        t, () => document.activeElement.scrollLeft > 0);
    return (moved ? [] : ['the listing does not scroll']).concat(
        equal(await where(t), before, 'page'), t.takeComplaints());
});

test('keys: ? shows them, Esc closes; Tab first offers the text', async (t) => {
    const wrong = [];
    await fresh(t, model);
    await t.key('Tab');
    const skip = await t.run(() => {
        const r = document.activeElement.getBoundingClientRect();
        return [document.activeElement.className, r.top >= 0 && r.height > 0];
    });
    wrong.push(...equal(skip, ['skip', true], 'first Tab: class, in view'));
    await t.key('Enter');
    wrong.push(...equal(await t.run(() => document.activeElement.id),
                        'content', 'the skip link leads to'));
    await t.key('?');
    const help = await t.run(
        () => document.querySelector('dialog[open]')?.textContent || '');
    if (!/next page/.test(help))
        wrong.push(`? shows “${help}”`);
    wrong.push(...(await t.run(contrast, CONTRAST)).bad);
    await t.key('Escape');
    if (await t.run(() => !!document.querySelector('dialog[open]')))
        wrong.push('Esc does not close it');
    return wrong.concat(t.takeComplaints());
});

test('the focus can be seen on everything that takes it', async (t) => {
    await fresh(t, model);
    const bare = [];
    for (let i = 0; i < 60; i++) {
        await t.key('Tab');
        const [name, shown] = await t.run(() => {
            const e = document.activeElement;
            const s = getComputedStyle(e);
            return [e === document.body ? '' : e.outerHTML.slice(0, 80),
                    e.className === 'skip' || s.outlineStyle !== 'none' &&
                    parseFloat(s.outlineWidth) >= 2];
        });
        if (!name)
            break;
        if (!shown)
            bare.push(name);
    }
    return bare;
});

// ---- schemes ----

test('d turns dark, the next page remembers, both ways look alike',
     async (t) => {
    const wrong = [];
    const names = [...new Set(fs.readFileSync(
        path.join(html, 'theme', 'style.css'), 'utf8').match(/--[a-z0-9-]+/g))];
    const look = () => t.run((all) => {
        const s = getComputedStyle(document.documentElement);
        return all.map((n) => `${n}: ${s.getPropertyValue(n)}`);
    }, names);
    await fresh(t, model, 1440, 'dark');
    const asked = await look();
    await fresh(t, model, 1440, 'light');
    const light = await look();
    await t.key('d');
    wrong.push(...equal(await look(), asked, 'colours chosen by d'));
    if (JSON.stringify(asked) === JSON.stringify(light))
        wrong.push('dark is light');
    await t.open(base + 'index.html');
    wrong.push(...equal(await t.run(
        () => document.documentElement.dataset.theme), 'dark', 'remembered'));
    await t.run(() => localStorage.clear());
    return wrong.concat(t.takeComplaints());
});

test('where storage is denied the page works, and says nothing', async (t) => {
    const {identifier} = await t.send(
        'Page.addScriptToEvaluateOnNewDocument', {source:
        `Object.defineProperty(window, 'localStorage', {get() {
            throw new DOMException('denied', 'SecurityError'); }});`});
    await fresh(t, model);
    await t.key('d');
    const wrong = equal(await t.run(
        () => document.documentElement.dataset.theme), 'dark', 'after d');
    await t.send('Page.removeScriptToEvaluateOnNewDocument', {identifier});
    return wrong.concat(t.takeComplaints());
});

test('a prediction is kept, and its letters turn no page', async (t) => {
    await fresh(t, model);
    const there = await where(t);
    if (!await t.run(() => {
        const f = document.querySelector('.predict textarea');
        if (f)
            f.focus();
        return !!f;
    }))
        return ['nowhere to write a prediction'];
    for (const key of 'n/?d')
        await t.key(key);
    const wrong = equal(await where(t), there, 'page');
    await t.open(there);
    wrong.push(...equal(await t.run(
        () => document.querySelector('.predict textarea').value), 'n/?d',
        'read again'));
    await t.run(() => localStorage.clear());
    return wrong.concat(t.takeComplaints());
});

test('keys of one letter can be switched off', async (t) => {
    await fresh(t, model);
    await t.key('?');
    await t.run(() => document.querySelector('dialog[open] input').click());
    await t.key('Escape');
    await t.open(await where(t));
    const there = await where(t);
    await t.key('/');
    await t.key('n');
    const wrong = equal(await t.run(
        () => !!document.querySelector('dialog[open]')), false, 'search open');
    wrong.push(...equal(await where(t), there, 'page'));
    await t.run(() => localStorage.clear());
    return wrong.concat(t.takeComplaints());
});

// ---- copying ----

// What a reader would paste after pressing the button, or after choosing the
// whole block by mouse: pasted for real, into a field made for it.
async function paste(t) {
    await t.run(() => {
        const f = document.createElement('textarea');
        f.id = 'pasted';
        f.style.cssText = 'position:fixed;top:0;left:0';
        document.body.append(f);
        f.focus();
    });
    await t.send('Input.dispatchKeyEvent', {type: 'rawKeyDown', key: 'v',
                 code: 'KeyV', commands: ['paste']});
    return t.run(() => {
        const f = document.getElementById('pasted');
        const text = f.value;
        f.remove();
        return text;
    });
}

const KINDS = {
    listing: (pre) => [...pre.querySelectorAll('.line')]
        .map((l) => l.textContent).join('\n').trimEnd() + '\n',
    transcript: (pre) => [...pre.querySelectorAll('kbd.in')]
        .map((k) => k.textContent).join('\n') + '\n'
};
KINDS.session = KINDS.transcript;

for (const kind of Object.keys(KINDS)) {
    test(`copy: a ${kind} without prompts, output and line numbers`,
         async (t) => {
        const wrong = [];
        let page = null;
        for (const p of [model, ...pages]) {
            await fresh(t, p);
            if (await t.run((k) => !!document.querySelector(`.${k} pre`),
                            kind)) {
                page = p;
                break;
            }
        }
        if (!page)
            return [`no page has a ${kind}`];
        const spot = await t.run((k) => {
            const b = document.querySelector(`.${k} .copy`);
            if (!b)
                return null;
            b.scrollIntoView({block: 'center'});
            const r = b.getBoundingClientRect();
            return [r.x + r.width / 2, r.y + r.height / 2];
        }, kind);
        if (!spot)
            return [`${page}: the first ${kind} has no button`];
        await t.click(...spot);
        if (!await until(t, (k) => /Copied/.test(
                document.querySelector(`.${k} .copy`).textContent), kind))
            wrong.push('the button does not say that it copied');
        const expected = await t.run(`() => (${KINDS[kind]})(
            document.querySelector('.${kind} .copy').closest('.codebox')
                .querySelector('pre'))`);
        wrong.push(...equal(await paste(t), expected, 'pasted'));
        // Chosen by hand.
        await t.run((k) => {
            const range = document.createRange();
            range.selectNodeContents(document.querySelector(`.${k} pre`));
            getSelection().removeAllRanges();
            getSelection().addRange(range);
            document.execCommand('copy');
        }, kind);
        const byHand = await paste(t);
        if (!byHand.trim())
            wrong.push('choosing by hand copies nothing');
        const numbers = await t.run((k) => [...document.querySelector(
            `.${k} pre`).querySelectorAll('.line')].map(
            (l) => l.dataset.line), kind);
        for (const [how, text] of [['pasted', expected], ['chosen', byHand]]) {
            text.split('\n').forEach((line, i) => {
                if (/^(\$|>|\(gdb\)) /.test(line) || numbers[i] &&
                    line.trim().startsWith(numbers[i]))
                    wrong.push(`${how}: “${line}”`);
            });
        }
        return wrong.concat(t.takeComplaints());
    });
}

test('copy: also where pages from disk get no clipboard', async (t) => {
    const {identifier} = await t.send(
        'Page.addScriptToEvaluateOnNewDocument', {source:
        "Object.defineProperty(navigator, 'clipboard', {value: undefined});"});
    await fresh(t, model);
    const [x, y, expected] = await t.run(`() => {
        const b = document.querySelector('.listing .copy');
        b.scrollIntoView({block: 'center'});
        const r = b.getBoundingClientRect();
        return [r.x + r.width / 2, r.y + r.height / 2, (${KINDS.listing})(
            b.closest('.codebox').querySelector('pre'))];
    }`);
    await t.click(x, y);
    const wrong = equal(await paste(t), expected, 'pasted');
    await t.send('Page.removeScriptToEvaluateOnNewDocument', {identifier});
    return wrong.concat(t.takeComplaints());
});

// ---- side notes and the drawer on a telephone ----

test('800 px: a side note opens below its line, by click and by Enter',
     async (t) => {
    const page = await (async () => {
        for (const p of [model, ...pages]) {
            await fresh(t, p, 800);
            if (await t.run(() => !!document.querySelector('.sidenote')))
                return p;
        }
        return null;
    })();
    if (!page)
        return ['no page has a side note'];
    const wrong = [];
    const shown = () => document.querySelector('.sidenote').checkVisibility();
    const spot = await t.run(() => {
        const m = document.querySelector('.sidenote-number');
        m.scrollIntoView({block: 'center'});
        const r = m.getBoundingClientRect();
        return [r.x + r.width / 2, r.y + r.height / 2];
    });
    wrong.push(...equal(await t.run(shown), false, 'shown before'));
    await t.click(...spot);
    wrong.push(...equal(await t.run(shown), true, 'shown after a click'));
    await t.run(() => document.querySelector('.sidenote-number').focus());
    await t.key('Enter');
    wrong.push(...equal(await t.run(shown), false, 'shown after Enter'));
    return wrong.concat(t.takeComplaints());
});

test('320 px: the drawer opens, holds the focus, closes by Esc', async (t) => {
    const wrong = [];
    await fresh(t, model, 320);
    const state = () => {
        const r = document.getElementById('nav').getBoundingClientRect();
        return {shown: document.getElementById('nav')
                    .checkVisibility({visibilityProperty: true}) &&
                    r.left >= 0 && r.right <= innerWidth,
                inside: document.getElementById('nav')
                    .contains(document.activeElement)};
    };
    wrong.push(...equal(await t.run(state), {shown: false, inside: false},
                        'before'));
    await t.run(() => document.querySelector('.bar-menu').click());
    await until(t, () => document.getElementById('nav')
        .getBoundingClientRect().left >= 0);
    wrong.push(...equal(await t.run(state), {shown: true, inside: true},
                        'opened'));
    for (const scheme of SCHEMES) {
        await t.media(scheme);
        wrong.push(...(await t.run(contrast, CONTRAST)).bad);
    }
    await t.key('Escape');
    wrong.push(...equal(await t.run(state), {shown: false, inside: false},
                        'closed'));
    return wrong.concat(t.takeComplaints());
});

// ---- no script, and paper ----

test('scripts off: text, notes and navigation are there', async (t) => {
    const wrong = [];
    await t.send('Emulation.setScriptExecutionDisabled', {value: true});
    try {
        for (const width of WIDTHS) {
            await fresh(t, model, width);
            const got = await t.run(() => {
                const shown = (s) => [...document.querySelectorAll(s)].every(
                    (e) => e.checkVisibility({visibilityProperty: true}) &&
                        e.getBoundingClientRect().width > 0 &&
                        e.getBoundingClientRect().left >= 0);
                return {script: document.documentElement.className,
                        buttons: document.querySelectorAll('button').length,
                        text: shown('.text > p, .text > section'),
                        notes: shown('.sidenote'),
                        nav: shown('.nav-chapters > li > a'),
                        links: document.querySelectorAll(
                            '.nav-chapters > li > a').length > 0};
            });
            wrong.push(...equal(got, {script: 'no-js', buttons: 0, text: true,
                notes: true, nav: true, links: true}, `${width} px`));
            const out = await t.run(overflow);
            if (out)
                wrong.push(`scrolls sideways at ${width} px: ${out}`);
            for (const scheme of SCHEMES) {
                await t.media(scheme);
                wrong.push(...(await t.run(contrast, CONTRAST)).bad);
            }
        }
        await fresh(t, model, 700);
        await t.picture(path.join(shots, 'no-script.png'));
    } finally {
        await t.send('Emulation.setScriptExecutionDisabled', {value: false});
    }
    return wrong.concat(t.takeComplaints());
});

test('paper: the text alone, black on white, side notes with it', async (t) => {
    const wrong = [];
    await fresh(t, model, 794, 'dark');
    await t.media('dark', 'print');
    const got = await t.run(() => {
        const shown = (s) => [...document.querySelectorAll(s)].some(
            (e) => e.checkVisibility());
        return {furniture: shown('.nav, .bar, .copy, .turn, .skip'),
                text: shown('.text p'),
                notes: [...document.querySelectorAll('.sidenote')].every(
                    (e) => e.checkVisibility()),
                ink: getComputedStyle(document.body).color};
    });
    wrong.push(...equal(got, {furniture: false, text: true, notes: true,
                              ink: 'rgb(0, 0, 0)'}, 'print'));
    wrong.push(...(await t.run(contrast, CONTRAST)).bad);
    await t.picture(path.join(shots, 'print.png'));
    return wrong.concat(t.takeComplaints());
});

// ---- screenshots, for people to look at ----

test('screenshots of the first chapter are kept', async (t) => {
    for (const [name, width, height, scheme] of [
        ['wide', 1440, 1000, 'light'], ['dark', 1440, 1000, 'dark'],
        ['narrow', 320, 900, 'light'], ['narrow-dark', 320, 900, 'dark']]) {
        await t.view(width, height);
        await t.media(scheme);
        await t.open(base + model);
        await t.picture(path.join(shots, name + '.png'));
    }
    return ['wide', 'dark', 'narrow', 'narrow-dark', 'print', 'no-script']
        .map((n) => path.join(shots, n + '.png'))
        .filter((f) => !fs.existsSync(f) || fs.statSync(f).size < 5000)
        .map((f) => f + ' is missing or empty');
});

(async () => {
    console.log(`1..${tests.length}`);
    const chrome = new Chrome();
    try {
        const t = await chrome.tab();
        t.inside = base;
        await perform(t);
    } finally {
        await chrome.close();
    }
    process.exit(results.every(Boolean) ? 0 : 1);
})().catch((e) => {
    console.error(e);
    process.exit(2);
});
