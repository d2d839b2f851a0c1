// SPDX-License-Identifier: MIT
// book.js -- what a page does beyond being read: search, colour scheme, copy
// buttons, side notes on narrow screens, keys.  Every page is whole without
// it.  Looks: style.css.  Tested by book/tests/browser/.
'use strict';
(function () {
  var root = document.documentElement;
  var base = root.getAttribute('data-root') || '';
  var narrow = matchMedia('(max-width: 65.99rem)');

  function all(selector, from) {
    return Array.prototype.slice.call(
      (from || document).querySelectorAll(selector));
  }

  // el('a.b', {href: '#'}, child, 'text', ...) makes an element.
  function el(what, attributes) {
    var names = what.split('.');
    var node = document.createElement(names[0]);
    if (names.length > 1) node.className = names.slice(1).join(' ');
    for (var name in attributes || {}) node.setAttribute(name, attributes[name]);
    for (var i = 2; i < arguments.length; i++) node.append(arguments[i]);
    return node;
  }

  function icon(paths) {
    var ns = 'http://www.w3.org/2000/svg';
    var svg = document.createElementNS(ns, 'svg');
    var size = {viewBox: '0 0 20 20', width: 20, height: 20,
                'aria-hidden': 'true'};
    for (var name in size) svg.setAttribute(name, size[name]);
    paths.forEach(function (d) {
      var p = document.createElementNS(ns, 'path');
      p.setAttribute('d', d);
      svg.append(p);
    });
    return svg;
  }

  var icons = {
    search: ['M9 3a6 6 0 1 1 0 12a6 6 0 1 1 0-12', 'M13.5 13.5L18 18'],
    theme: ['M10 2.5a7.5 7.5 0 1 0 0 15a7.5 7.5 0 1 0 0-15', 'M10 3v14',
            'M10 6h5M10 10h7M10 14h5'],
    help: ['M7 7.2a3 3 0 1 1 4.6 2.6c-1 .6-1.6 1.2-1.6 2.4', 'M10 15.6v.2']
  };

  function button(name, label, action) {
    var b = el('button', {type: 'button', 'aria-label': label, title: label,
                          'data-does': name}, icon(icons[name]));
    b.addEventListener('click', action);
    return b;
  }

  // -- the colour scheme ---------------------------------------------------

  // Storage may be denied (private windows, file: in some browsers): then the
  // choice holds for this page only.
  function remember(key, value) {
    try { localStorage.setItem(key, value); } catch (e) { /* see above */ }
  }

  function recall(key) {
    try { return localStorage.getItem(key); } catch (e) { return null; }
  }

  function isDark() {
    var chosen = root.getAttribute('data-theme');
    return chosen ? chosen === 'dark'
                  : matchMedia('(prefers-color-scheme: dark)').matches;
  }

  function toggleTheme() {
    var t = isDark() ? 'light' : 'dark';
    root.setAttribute('data-theme', t);
    remember('rt-theme', t);
    say(t === 'dark' ? 'Dark' : 'Light');
  }

  // -- a voice for screen readers --------------------------------------------

  var voice = el('div.vh', {role: 'status', 'aria-live': 'polite'});
  document.body.append(voice);

  function say(text) {
    voice.textContent = text;
  }

  // -- copy buttons ----------------------------------------------------------

  // What a reader wants of a block: of a run the commands, of a listing its
  // lines.  Prompts, output and line numbers stay behind.
  function textOf(pre) {
    var typed = all('kbd.in', pre);
    if (typed.length) {
      return typed.map(function (k) { return k.textContent; }).join('\n') + '\n';
    }
    if (pre.closest('.transcript, .session')) return '';
    return pre.textContent.replace(/\s+$/, '') + '\n';
  }

  // The way of browsers that keep the clipboard from pages opened from disk.
  function copyBySelection(text) {
    var field = el('textarea', {readonly: '', 'aria-hidden': 'true',
                                style: 'position:fixed;top:0;opacity:0'});
    var before = document.activeElement;
    field.value = text;
    document.body.append(field);
    field.select();
    var done = document.execCommand('copy');
    field.remove();
    if (before) before.focus();
    return done;
  }

  function copy(pre, b) {
    var text = textOf(pre);
    function report(done) {
      b.textContent = done ? 'Copied' : 'Not allowed';
      b.classList.add('done');
      say(b.textContent);
      setTimeout(function () {
        b.textContent = 'Copy';
        b.classList.remove('done');
      }, 1600);
    }
    function fallBack() { report(copyBySelection(text)); }
    if (navigator.clipboard) {
      navigator.clipboard.writeText(text)
        .then(function () { report(true); }, fallBack);
    } else fallBack();
  }

  // Only what comes from a file or a run: a line in passing may be a fork bomb.
  all('.text figure pre').forEach(function (pre) {
    if (!textOf(pre)) return;
    var label = pre.closest('figure').querySelector('.label');
    var b = el('button.copy', {type: 'button', 'aria-label': 'Copy' +
                               (label ? ' ' + label.textContent : '')}, 'Copy');
    b.addEventListener('click', function () { copy(pre, b); });
    var box = el('div.codebox');
    pre.before(box);
    box.append(pre, b);
  });

  // A box that scrolls sideways has to be reachable by keyboard.
  function reachable() {
    all('.text pre, .text .scroll, .text .figure').forEach(function (box) {
      if (box.scrollWidth > box.clientWidth + 1) {
        box.tabIndex = 0;
        box.setAttribute('data-scrolls', '');
        if (!box.matches('figure')) {
          box.setAttribute('role', 'region');
          box.setAttribute('aria-label', 'Scrolls sideways');
        }
      } else if (box.hasAttribute('data-scrolls')) {
        ['tabindex', 'role', 'aria-label', 'data-scrolls'].forEach(function (a) {
          box.removeAttribute(a);
        });
      }
    });
  }
  reachable();
  addEventListener('resize', reachable);

  // -- predictions: a place to write them down -----------------------------------

  // They are kept in this browser, under the words of their question, so that
  // a chapter may be rewritten around them.
  all('.predict').forEach(function (box) {
    var words = box.textContent.replace(/\s+/g, ' ').trim().slice(0, 80);
    var key = 'rt-guess ' + words;
    var field = el('textarea', {rows: 1, spellcheck: 'false', placeholder:
                                'Your prediction, for nobody but you',
                                'aria-label': 'Your prediction'});
    function fit() {
      field.style.height = 'auto';
      field.style.height = field.scrollHeight + 2 + 'px';
    }
    field.value = recall(key) || '';
    field.addEventListener('input', function () {
      remember(key, field.value);
      fit();
    });
    box.append(field);
    if (field.value) fit();
  });

  // -- side notes: folded away where there is no margin ------------------------

  var margin = matchMedia('(min-width: 82rem)');

  all('.sidenote-number').forEach(function (mark) {
    var note = mark.nextElementSibling;
    if (!note || !note.classList.contains('sidenote')) return;
    function toggle() {
      mark.setAttribute('aria-expanded', note.classList.toggle('open'));
    }
    mark.addEventListener('click', toggle);
    mark.addEventListener('keydown', function (e) {
      if (e.key !== 'Enter' && e.key !== ' ') return;
      e.preventDefault();
      toggle();
    });
    function fit() {
      if (margin.matches) {
        ['role', 'tabindex', 'aria-expanded', 'aria-label', 'aria-controls']
          .forEach(function (a) { mark.removeAttribute(a); });
      } else {
        mark.setAttribute('role', 'button');
        mark.setAttribute('tabindex', '0');
        mark.setAttribute('aria-label', 'Note ' + mark.textContent);
        mark.setAttribute('aria-expanded', note.classList.contains('open'));
        if (note.id) mark.setAttribute('aria-controls', note.id);
      }
    }
    fit();
    margin.addEventListener('change', fit);
  });

  // -- the drawer --------------------------------------------------------------

  var nav = document.getElementById('nav');
  var menu = document.querySelector('.bar-menu');
  var page = document.querySelector('.page');
  var scrim = null;

  function drawer(open) {
    if (open === !!scrim) return;
    document.body.classList.toggle('nav-open', open);
    menu.setAttribute('aria-expanded', open);
    page.inert = open;
    if (open) {
      scrim = el('div.scrim');
      scrim.addEventListener('click', function () { drawer(false); });
      document.body.append(scrim);
      (nav.querySelector('[aria-current]') || nav.querySelector('a')).focus();
    } else {
      scrim.remove();
      scrim = null;
      menu.focus();
    }
  }

  menu.setAttribute('role', 'button');
  menu.setAttribute('aria-controls', 'nav');
  menu.setAttribute('aria-expanded', 'false');
  menu.addEventListener('click', function (e) {
    e.preventDefault();
    drawer(!scrim);
  });
  menu.addEventListener('keydown', function (e) {
    if (e.key !== ' ') return;
    e.preventDefault();
    drawer(!scrim);
  });
  nav.addEventListener('click', function (e) {
    if (e.target.closest('a')) drawer(false);
  });
  narrow.addEventListener('change', function () { drawer(false); });

  // The navigation shows which section is being read.
  var entries = all('.nav-sections a').map(function (a) {
    return {a: a, at: document.getElementById(
      decodeURIComponent(a.getAttribute('href').slice(1)))};
  }).filter(function (e) {
    return e.at && e.a.offsetParent !== null || e.at && narrow.matches;
  });

  var pending = false;
  function here() {
    pending = false;
    var now = null;
    entries.forEach(function (e) {
      if (e.at.getBoundingClientRect().top < innerHeight * .35) now = e;
    });
    entries.forEach(function (e) {
      e.a.classList.toggle('here', e === now);
    });
  }
  addEventListener('scroll', function () {
    if (pending) return;
    pending = true;
    requestAnimationFrame(here);
  }, {passive: true});
  here();

  var current = nav.querySelector('.current');
  if (current && !narrow.matches &&
      current.offsetTop + 200 > nav.clientHeight) {
    nav.scrollTop = current.offsetTop - 80;
  }

  // -- dialogs -------------------------------------------------------------------

  function openDialog(d) {
    if (!d.isConnected) document.body.append(d);
    if (!d.open) d.showModal();
  }

  function closesOutside(d) {
    d.addEventListener('click', function (e) {
      if (e.target === d) d.close();
    });
    return d;
  }

  // -- search ----------------------------------------------------------------------

  var search = null;

  // The index is a script, because a page opened from disk may not read files.
  function loadIndex(then) {
    if (window.RT_SEARCH) { then(window.RT_SEARCH); return; }
    var s = el('script', {src: base + 'theme/search-index.js'});
    s.onload = function () { then(window.RT_SEARCH || []); };
    s.onerror = function () { then(null); };
    document.head.append(s);
  }

  function fold(s) {
    return s.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase();
  }

  // Sections that hold every word of the query; a word counts more in a
  // title than in the text, more whole than as a part.
  function find(index, query) {
    var words = fold(query).split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    function score(text, word, whole, part) {
      var at = text.indexOf(word);
      if (at < 0) return 0;
      for (; at >= 0; at = text.indexOf(word, at + 1)) {
        var ends = !/[a-z0-9_]/.test(text.charAt(at + word.length));
        var starts = at === 0 || !/[a-z0-9_]/.test(text.charAt(at - 1));
        if (starts && ends) return whole;
      }
      return part;
    }
    var hits = [];
    index.forEach(function (e, order) {
      e.folded = e.folded || {title: fold(e.title || ''),
                              section: fold(e.section || ''),
                              text: fold(e.text || '')};
      var sum = 0;
      for (var i = 0; i < words.length; i++) {
        var s = score(e.folded.section, words[i], 30, 12) +
                score(e.folded.title, words[i], 8, 4) +
                score(e.folded.text, words[i], 6, 2) +
                Math.min(4, e.folded.text.split(words[i]).length - 1);
        if (!s) return;
        sum += s;
      }
      hits.push({entry: e, score: sum, order: order});
    });
    hits.sort(function (a, b) { return b.score - a.score || a.order - b.order; });
    return hits.slice(0, 30).map(function (h) { return h.entry; });
  }

  function pattern(query) {
    var words = query.trim().split(/\s+/).filter(Boolean).map(function (w) {
      return w.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    });
    return words.length ? new RegExp('(' + words.join('|') + ')', 'gi') : null;
  }

  function marked(text, re) {
    var out = document.createDocumentFragment();
    text.split(re).forEach(function (piece, i) {
      out.append(i % 2 ? el('mark', {}, piece) : piece);
    });
    return out;
  }

  function snippet(text, re) {
    re.lastIndex = 0;
    var m = re.exec(text);
    re.lastIndex = 0;
    var from = m ? Math.max(0, text.lastIndexOf(' ', m.index - 50)) : 0;
    if (m && m.index < 60) from = 0;
    return (from ? '…' : '') + text.slice(from, from + 150).trim() +
      (text.length > from + 150 ? '…' : '');
  }

  function makeSearch() {
    var field = el('input.search-field', {
      type: 'search', placeholder: 'Search the book', autocomplete: 'off',
      spellcheck: 'false', role: 'combobox', 'aria-expanded': 'true',
      'aria-controls': 'rt-hits', 'aria-label': 'Search the book',
      'aria-autocomplete': 'list'});
    var list = el('ul.search-hits', {id: 'rt-hits', role: 'listbox',
                                     'aria-label': 'Sections found'});
    var line = el('p.search-say', {role: 'status'});
    var d = closesOutside(el('dialog.search', {'aria-label': 'Search'},
                             field, line, list));
    var index = null;
    var at = 0;

    function pick(n) {
      var items = list.children;
      if (!items.length) return;
      at = (n + items.length) % items.length;
      for (var i = 0; i < items.length; i++) {
        items[i].setAttribute('aria-selected', i === at);
      }
      field.setAttribute('aria-activedescendant', items[at].id);
      items[at].scrollIntoView({block: 'nearest'});
    }

    function show() {
      var q = field.value.trim();
      list.textContent = '';
      field.removeAttribute('aria-activedescendant');
      if (index === null) { line.textContent = 'Reading the index…'; return; }
      if (index === false) {
        line.textContent = 'The index (theme/search-index.js) is missing: ' +
          'run make book.';
        return;
      }
      if (!q) {
        line.textContent = 'Type a word: fork, zombie, waitpid…';
        return;
      }
      var re = pattern(q);
      var hits = find(index, q);
      line.textContent = hits.length ? '' : 'No section holds “' + q + '”.';
      hits.forEach(function (e, i) {
        var href = base + e.page + '?find=' + encodeURIComponent(q) +
          (e.id ? '#' + e.id : '');
        var a = el('a', {href: href, tabindex: '-1'},
                   el('b', {}, marked(e.section || e.title, re)));
        if (e.section && e.section !== e.title) {
          a.append(' ', el('span.where', {}, e.title));
        }
        a.append(el('span.snippet', {}, marked(snippet(e.text || '', re), re)));
        list.append(el('li', {role: 'option', id: 'rt-hit-' + i,
                              'aria-selected': 'false'}, a));
      });
      pick(0);
    }

    field.addEventListener('input', show);
    field.addEventListener('keydown', function (e) {
      if (e.key === 'ArrowDown') pick(at + 1);
      else if (e.key === 'ArrowUp') pick(at - 1);
      else if (e.key === 'Enter') {
        var li = list.children[at];
        if (li) go(li.firstChild);
      } else if (e.key === 'Escape') d.close();  // not: empty the field first
      else return;
      e.preventDefault();
    });
    list.addEventListener('mousemove', function (e) {
      var li = e.target.closest('li');
      var n = Array.prototype.indexOf.call(list.children, li);
      if (n >= 0 && n !== at) pick(n);
    });
    list.addEventListener('click', function (e) {
      var a = e.target.closest('a');
      if (!a || e.ctrlKey || e.metaKey || e.shiftKey) return;
      e.preventDefault();
      go(a);
    });

    function go(a) {
      d.close();
      location.href = a.href;
    }

    return {open: function () {
      openDialog(d);
      field.select();
      field.focus();
      show();
      if (index === null) {
        loadIndex(function (got) { index = got || false; show(); });
      }
    }};
  }

  function openSearch() {
    drawer(false);
    search = search || makeSearch();
    search.open();
  }

  // A page reached by search marks the words in the section it lands on.
  function land() {
    var m = /[?&]find=([^&]*)/.exec(location.search);
    if (!m) return;
    var q;
    try { q = decodeURIComponent(m[1].replace(/\+/g, ' ')); }
    catch (e) { return; }
    var re = pattern(q);
    var place = location.hash &&
      document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!re) return;
    var walk = document.createTreeWalker(
      place || document.querySelector('.text'), NodeFilter.SHOW_TEXT);
    var nodes = [];
    while (walk.nextNode()) {
      if (!walk.currentNode.parentNode.closest('svg, script, style, .copy')) {
        nodes.push(walk.currentNode);
      }
    }
    nodes.forEach(function (n) {
      re.lastIndex = 0;
      if (re.test(n.data)) n.replaceWith(marked(n.data, re));
    });
    // A found word may be in a folded side note.
    all('.sidenote mark').forEach(function (k) {
      k.closest('.sidenote').classList.add('open');
    });
    try {
      history.replaceState(null, '', location.pathname + location.hash);
    } catch (e) { /* pages from disk may not, in some browsers */ }
    if (place) place.scrollIntoView();
  }
  land();

  var keysOn = recall('rt-keys') !== 'off';

  // -- help ---------------------------------------------------------------------------

  var help = null;

  function openHelp() {
    if (!help) {
      var keys = [
        [['/'], 'search the book'],
        [['→', 'n'], 'next page'],
        [['←', 'p'], 'previous page'],
        [['c'], 'contents'],
        [['d'], 'dark or light'],
        [['?'], 'this list'],
        [['Esc'], 'close whatever is open']
      ];
      var dl = el('dl');
      keys.forEach(function (k) {
        var dt = el('dt');
        k[0].forEach(function (name, i) {
          dt.append(i ? ' ' : '', el('kbd', {}, name));
        });
        dl.append(dt, el('dd', {}, k[1]));
      });
      // Who dictates, or types with more than two hands, can do without.
      var off = el('input', {type: 'checkbox'});
      off.checked = !keysOn;
      off.addEventListener('change', function () {
        keysOn = !off.checked;
        remember('rt-keys', keysOn ? 'on' : 'off');
      });
      var close = el('button', {type: 'button'}, 'Close');
      help = closesOutside(el('dialog', {'aria-label': 'Keys'},
        el('div.help', {}, el('h2', {}, 'Keys'), dl,
           el('label', {}, off, ' no keys of one letter, please'), close)));
      close.addEventListener('click', function () { help.close(); });
    }
    openDialog(help);
  }

  // -- keys ------------------------------------------------------------------------------

  function turn(rel) {
    var a = document.querySelector('a[rel="' + rel + '"]');
    if (a) location.href = a.href;
  }

  function contents() {
    if (narrow.matches) drawer(!scrim);
    else (nav.querySelector('[aria-current]') || nav.querySelector('a')).focus();
  }

  var does = {
    '/': openSearch, '?': openHelp, d: toggleTheme, c: contents,
    n: function () { turn('next'); }, ArrowRight: function () { turn('next'); },
    p: function () { turn('prev'); }, ArrowLeft: function () { turn('prev'); }
  };

  addEventListener('keydown', function (e) {
    if (e.key === 'Escape' && scrim) { drawer(false); return; }
    if (e.ctrlKey || e.altKey || e.metaKey || e.defaultPrevented) return;
    var t = e.target;
    if (t.closest && t.closest('input, textarea, select, dialog[open], ' +
                               '[contenteditable]')) return;
    // The arrows belong to a box that scrolls sideways while it has the focus.
    if (/^Arrow/.test(e.key) && t.closest && t.closest('[data-scrolls]')) return;
    var action = does[e.key];
    if (!action || !keysOn && e.key.length === 1) return;
    e.preventDefault();
    action();
  });

  // -- the tools --------------------------------------------------------------------------

  function tools(where) {
    where.append(
      button('theme', 'Dark or light (d)', toggleTheme),
      button('help', 'Keys (?)', openHelp));
  }
  var bar = document.querySelector('.bar-tools');
  bar.append(button('search', 'Search (/)', openSearch));
  tools(bar);
  tools(document.querySelector('.nav-tools'));
  var wide = el('button.nav-search', {type: 'button', 'data-does': 'search'},
                icon(icons.search), 'Search', el('kbd', {}, '/'));
  wide.addEventListener('click', openSearch);
  document.querySelector('.brand').after(wide);
})();
