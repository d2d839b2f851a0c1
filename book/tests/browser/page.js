// SPDX-License-Identifier: MIT
// page.js -- questions that check.js asks inside of a page: each function is
// sent there as text, so it stands alone.
'use strict';

// The contrast of every visible text with what lies behind it, by the formula
// of WCAG 2.  Returns {texts, bad: [what is below `least`]}.
function contrast(least) {
    function parse(text) {
        let m = /^rgba?\(([^)]+)\)$/.exec(text);
        if (m) {
            const n = m[1].split(/[\s,/]+/).map(Number);
            return [n[0], n[1], n[2], n.length > 3 ? n[3] : 1];
        }
        m = /^color\(srgb ([^)]+)\)$/.exec(text);
        if (m) {
            const n = m[1].split(/[\s/]+/).map(Number);
            return [n[0] * 255, n[1] * 255, n[2] * 255,
                    n.length > 3 ? n[3] : 1];
        }
        return null;
    }
    function over(top, below) {
        const a = top[3];
        return [0, 1, 2].map((i) => top[i] * a + below[i] * (1 - a)).concat(1);
    }
    function luminance(c) {
        const [r, g, b] = c.map((v) => v / 255).map(
            (v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
        return .2126 * r + .7152 * g + .0722 * b;
    }
    function ratio(a, b) {
        const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
        return (x + .05) / (y + .05);
    }
    const styles = new Map();
    function style(e) {
        if (!styles.has(e))
            styles.set(e, getComputedStyle(e));
        return styles.get(e);
    }
    const grounds = new Map();
    const odd = [];
    function ground(e) {
        if (!e)
            return [255, 255, 255, 1];
        if (grounds.has(e))
            return grounds.get(e);
        const s = style(e);
        const own = parse(s.backgroundColor);
        // A picture behind text cannot be judged by a formula.
        if (s.backgroundImage !== 'none')
            odd.push(`${e.tagName}: a background image behind text`);
        const g = own && own[3] === 1 ? own
            : over(own || [0, 0, 0, 0], ground(e.parentElement));
        grounds.set(e, g);
        return g;
    }
    // Within a drawing the topmost filled shape under the middle of the text.
    function shapeGround(text, svg) {
        let g = ground(svg);
        const r = text.getBoundingClientRect();
        const x = r.x + r.width / 2, y = r.y + r.height / 2;
        const shapes = svg.querySelectorAll(
            'rect, circle, ellipse, polygon, path');
        for (const s of shapes) {
            if (!(s.compareDocumentPosition(text) & 4) || s.closest('defs'))
                continue;
            const fill = style(s).fill;
            const c = parse(fill);
            if (fill === 'none' || !c)
                continue;
            const m = s.getScreenCTM();
            const p = m && new DOMPoint(x, y).matrixTransform(m.inverse());
            if (p && s.isPointInFill(p)) {
                c[3] *= Number(style(s).fillOpacity) *
                    Number(style(s).opacity);
                g = over(c, g);
            }
        }
        return g;
    }
    const opacities = new Map();
    function opacity(e) {
        if (!e)
            return 1;
        if (!opacities.has(e))
            opacities.set(e, Number(style(e).opacity) *
                opacity(e.parentElement));
        return opacities.get(e);
    }
    const seen = new Map();
    function judge(e, colour, back, what) {
        let c = parse(colour);
        if (!c) {
            odd.push(`${what}: cannot read the colour ${colour}`);
            return;
        }
        c = over([c[0], c[1], c[2], c[3] * opacity(e)], back);
        const r = ratio(c, back);
        if (r >= least)
            return;
        const name = e.tagName.toLowerCase() +
            (e.getAttribute('class') ? '.' + e.getAttribute('class') : '');
        const key = `${name} ${c} ${back}`;
        if (!seen.has(key))
            seen.set(key, `${r.toFixed(2)}:1 <${name}> “${what.slice(0, 30)}”` +
                ` ${colour} on ${back.slice(0, 3).map(Math.round)}`);
    }
    let texts = 0;
    const walk = document.createTreeWalker(document.body, 4 /* text */);
    while (walk.nextNode()) {
        const n = walk.currentNode;
        const what = n.data.trim();
        const e = n.parentElement;
        if (!what || e.closest('script, style, title, noscript, .vh'))
            continue;
        if (!e.checkVisibility({visibilityProperty: true}))
            continue;
        const svg = e.closest('svg');
        texts++;
        if (svg)
            judge(e, style(e).fill, shapeGround(e, svg), what);
        else if (opacity(e) > 0)
            judge(e, style(e).color, ground(e), what);
    }
    for (const e of document.querySelectorAll('[placeholder]')) {
        if (e.checkVisibility({visibilityProperty: true}))
            judge(e, getComputedStyle(e, '::placeholder').color, ground(e),
                  e.placeholder);
    }
    for (const e of document.querySelectorAll(
        '.line, .aside-title, .step, .question, .look')) {
        const s = getComputedStyle(e, '::before');
        if (/^(none|normal|""|)$/.test(s.content) ||
            !e.checkVisibility({visibilityProperty: true}))
            continue;
        texts++;
        judge(e, s.color, ground(e), 'before ' + e.textContent.trim());
    }
    return {texts, bad: [...new Set(odd), ...seen.values()]};
}

// What sticks out to the right, where the page scrolls sideways.
function overflow() {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth)
        return null;
    const out = [];
    for (const e of document.body.querySelectorAll('*')) {
        const r = e.getBoundingClientRect();
        if (r.right > root.clientWidth + 1 && r.width &&
            !e.closest('pre, .scroll, svg *'))
            out.push(e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') +
                     (e.className.length ? '.' + e.className : ''));
    }
    return `${root.scrollWidth} > ${root.clientWidth}: ` +
        (out.slice(-3).join(', ') || 'nothing visible');
}

// Side notes in the margin: none over another, over the text or off the page.
function clashes() {
    const column = document.querySelector('.text').getBoundingClientRect();
    const notes = [...document.querySelectorAll('.sidenote')].map(
        (e) => ({id: e.id, r: e.getBoundingClientRect()}));
    const bad = [];
    notes.forEach(({id, r}, i) => {
        if (r.left < column.right || r.right > innerWidth || !r.width)
            bad.push(`${id} stands at ${Math.round(r.left)} to ` +
                     `${Math.round(r.right)}, text ends at ` +
                     Math.round(column.right));
        for (const o of notes.slice(i + 1)) {
            if (r.bottom > o.r.top + 1 && o.r.bottom > r.top + 1)
                bad.push(`${id} lies over ${o.id}`);
        }
    });
    return {notes: notes.length, bad};
}

module.exports = {contrast, overflow, clashes};
