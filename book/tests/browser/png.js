// SPDX-License-Identifier: MIT
// png.js -- make a screenshot small: a PNG of true colour becomes one of at
// most 256 colours, the rarer ones replaced by their neighbours.  A page of
// text loses nothing that can be seen.  Used by shoot.js.
'use strict';
const zlib = require('node:zlib');

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

const TABLE = new Uint32Array(256).map((_, n) => {
    for (let k = 0; k < 8; k++)
        n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
});

function crc(data) {
    let c = 0xffffffff;
    for (const byte of data)
        c = TABLE[(c ^ byte) & 255] ^ (c >>> 8);
    return (c ^ 0xffffffff) >>> 0;
}

function chunk(type, data) {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length);
    body.copy(out, 4);
    out.writeUInt32BE(crc(body), out.length - 4);
    return out;
}

// 8 bits a channel, RGB or RGBA, not interlaced: what Chromium writes.
// Returns {width, height, pixels: 0xrrggbb each}.
function decode(png) {
    let width, height, channels;
    const parts = [];
    for (let at = 8; at < png.length;) {
        const size = png.readUInt32BE(at);
        const type = png.toString('latin1', at + 4, at + 8);
        const data = png.subarray(at + 8, at + 8 + size);
        if (type === 'IHDR') {
            width = data.readUInt32BE(0);
            height = data.readUInt32BE(4);
            channels = {2: 3, 6: 4}[data[9]];
            if (data[8] !== 8 || !channels || data[12] !== 0)
                throw new Error('not the kind of PNG that a browser writes');
        } else if (type === 'IDAT') {
            parts.push(data);
        }
        at += size + 12;
    }
    const raw = zlib.inflateSync(Buffer.concat(parts));
    const stride = width * channels;
    const pixels = new Uint32Array(width * height);
    let above = new Uint8Array(stride);
    for (let y = 0; y < height; y++) {
        const filter = raw[y * (stride + 1)];
        const row = raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1));
        for (let x = 0; x < stride; x++) {
            const a = x < channels ? 0 : row[x - channels];
            const b = above[x];
            const c = x < channels ? 0 : above[x - channels];
            if (filter === 1)
                row[x] += a;
            else if (filter === 2)
                row[x] += b;
            else if (filter === 3)
                row[x] += (a + b) >> 1;
            else if (filter === 4) {
                const p = a + b - c;
                const [pa, pb, pc] = [a, b, c].map((v) => Math.abs(p - v));
                row[x] += pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
            }
        }
        above = row;
        for (let x = 0; x < width; x++) {
            const i = x * channels;
            pixels[y * width + x] = row[i] << 16 | row[i + 1] << 8 | row[i + 2];
        }
    }
    return {width, height, pixels};
}

function shrink(png) {
    const {width, height, pixels} = decode(png);
    const count = new Map();
    for (const p of pixels)
        count.set(p, (count.get(p) || 0) + 1);
    // Of colours that hardly differ the commonest stands for all, so that the
    // greys at the edges of letters do not crowd out a rare hue.
    const kin = new Map();
    for (const [colour, n] of count) {
        const k = colour & 0xf0f0f0;
        const best = kin.get(k) || {colour, n: 0, sum: 0};
        kin.set(k, {colour: n > best.n ? colour : best.colour,
                    n: Math.max(n, best.n), sum: best.sum + n});
    }
    const palette = [...kin.values()].sort((p, q) => q.sum - p.sum)
        .slice(0, 256).map(({colour}) => colour);
    const index = new Map(palette.map((colour, i) => [colour, i]));
    const distance = (p, q) => ((p >> 16) - (q >> 16)) ** 2 +
        ((p >> 8 & 255) - (q >> 8 & 255)) ** 2 + ((p & 255) - (q & 255)) ** 2;
    for (const colour of count.keys()) {
        if (index.has(colour))
            continue;
        let best = 0;
        palette.forEach((q, i) => {
            if (distance(colour, q) < distance(colour, palette[best]))
                best = i;
        });
        index.set(colour, best);
    }
    const raw = Buffer.alloc((width + 1) * height);
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++)
            raw[y * (width + 1) + x + 1] = index.get(pixels[y * width + x]);
    }
    const head = Buffer.alloc(13);
    head.writeUInt32BE(width, 0);
    head.writeUInt32BE(height, 4);
    head.set([8, 3, 0, 0, 0], 8);
    return Buffer.concat([
        SIGNATURE, chunk('IHDR', head),
        chunk('PLTE', Buffer.from(palette.flatMap(
            (p) => [p >> 16, p >> 8 & 255, p & 255]))),
        chunk('IDAT', zlib.deflateSync(raw, {level: 9})),
        chunk('IEND', Buffer.alloc(0))
    ]);
}

module.exports = {shrink};
