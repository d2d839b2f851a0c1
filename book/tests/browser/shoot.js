// SPDX-License-Identifier: MIT
// shoot.js -- the README's picture: node shoot.js PAGE.html OUT.png
// The top of a page on a wide, light screen, in few colours (png.js).
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const {pathToFileURL} = require('node:url');
const {Chrome} = require('./chrome.js');
const {shrink} = require('./png.js');

const [page, out] = process.argv.slice(2);
if (!out) {
    console.error('usage: node shoot.js PAGE.html OUT.png');
    process.exit(2);
}

(async () => {
    const chrome = new Chrome();
    try {
        const t = await chrome.tab();
        await t.view(1360, 1320);
        await t.media('light');
        await t.send('Emulation.setScrollbarsHidden', {hidden: true});
        await t.open(pathToFileURL(path.resolve(page)).href);
        await t.picture(out);
        fs.writeFileSync(out, shrink(fs.readFileSync(out)));
    } finally {
        await chrome.close();
    }
})().catch((e) => {
    console.error(String(e));
    process.exit(1);
});
