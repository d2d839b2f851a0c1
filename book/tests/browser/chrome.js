// SPDX-License-Identifier: MIT
// chrome.js -- drive Debian's headless Chromium: one process, one tab at a
// time, over the DevTools protocol on a pipe (JSON messages, NUL between
// them), with nothing but node's own library.  Used by check.js, shoot.js.
'use strict';
const {spawn} = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser',
                  '/snap/bin/chromium', '/usr/bin/google-chrome'];
const PATIENCE_MS = 120000; // for one answer; a hung browser is a failure

class Chrome {
    constructor() {
        const binary = BROWSERS.find((b) => fs.existsSync(b));
        if (!binary)
            throw new Error('no Chromium here: apt-get install chromium');
        this.profile = fs.mkdtempSync(path.join(os.tmpdir(), 'rt-chrome-'));
        // Our own pages are all it opens, and no name resolves: it may do
        // without its sandbox, which root and many containers cannot have.
        this.child = spawn(binary, [
            '--headless=new', '--remote-debugging-pipe', '--no-sandbox',
            `--user-data-dir=${this.profile}`, '--no-first-run',
            '--disable-gpu', '--disable-dev-shm-usage', '--disable-sync',
            '--disable-extensions', '--disable-component-update',
            '--disable-background-networking', '--disable-default-apps',
            '--force-color-profile=srgb', '--font-render-hinting=none',
            '--host-resolver-rules=MAP * ~NOTFOUND', '--no-proxy-server',
            'about:blank'
        ], {
            stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
            env: {...process.env, HOME: this.profile}
        });
        this.errors = '';
        this.last = 0;
        this.waiting = new Map();
        this.tabs = new Map();
        this.gone = new Promise((resolve) => {
            this.child.on('exit', resolve);
            this.child.on('error', resolve);
        });
        this.gone.then(() => {
            for (const w of this.waiting.values())
                w.reject(new Error('Chromium is gone\n' + this.errors));
            this.waiting.clear();
        });
        this.child.stderr.on('data', (d) => {
            this.errors = (this.errors + d).slice(-4000);
        });
        let rest = Buffer.alloc(0);
        this.child.stdio[4].on('data', (d) => {
            rest = Buffer.concat([rest, d]);
            for (let end; (end = rest.indexOf(0)) >= 0;) {
                this.receive(JSON.parse(rest.subarray(0, end).toString()));
                rest = rest.subarray(end + 1);
            }
        });
        this.child.stdio[3].on('error', () => {});
    }

    receive(m) {
        const w = this.waiting.get(m.id);
        if (w) {
            this.waiting.delete(m.id);
            clearTimeout(w.timer);
            if (m.error)
                w.reject(new Error(`${w.method}: ${m.error.message}`));
            else
                w.resolve(m.result);
        } else if (m.method && this.tabs.has(m.sessionId)) {
            this.tabs.get(m.sessionId).event(m.method, m.params);
        }
    }

    send(method, params = {}, sessionId = undefined) {
        const id = ++this.last;
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => {
                this.waiting.delete(id);
                reject(new Error(`${method}: no answer`));
            }, PATIENCE_MS);
            this.waiting.set(id, {method, resolve, reject, timer});
            this.child.stdio[3].write(
                JSON.stringify({id, method, params, sessionId}) + '\0');
        });
    }

    async tab() {
        const {targetId} =
            await this.send('Target.createTarget', {url: 'about:blank'});
        const {sessionId} = await this.send(
            'Target.attachToTarget', {targetId, flatten: true});
        const t = new Tab(this, targetId, sessionId);
        this.tabs.set(sessionId, t);
        for (const domain of ['Page', 'Runtime', 'Network', 'Log'])
            await t.send(`${domain}.enable`);
        await t.send('Page.setLifecycleEventsEnabled', {enabled: true});
        return t;
    }

    async close() {
        try {
            await this.send('Browser.close');
        } catch (e) { /* it may go before it answers */ }
        const timer = setTimeout(() => this.child.kill('SIGKILL'), 20000);
        await this.gone;
        clearTimeout(timer);
        fs.rmSync(this.profile, {recursive: true, force: true, maxRetries: 5});
    }
}

// Complaints since the last look: what the console said, requests that went
// elsewhere or failed, exceptions.
class Tab {
    constructor(chrome, targetId, sessionId) {
        this.chrome = chrome;
        this.targetId = targetId;
        this.sessionId = sessionId;
        this.complaints = [];
        this.inside = null;    // URL prefix that every request must have
        this.urls = new Map();
        this.listeners = new Set();
    }

    send(method, params) {
        return this.chrome.send(method, params, this.sessionId);
    }

    event(method, p) {
        if (method === 'Runtime.consoleAPICalled') {
            if (p.type === 'error' || p.type === 'warning' ||
                p.type === 'assert')
                this.complain(`console.${p.type}: ` + p.args.map(
                    (a) => a.value ?? a.description).join(' '));
        } else if (method === 'Runtime.exceptionThrown') {
            const x = p.exceptionDetails;
            this.complain('exception: ' + (x.exception?.description || x.text));
        } else if (method === 'Log.entryAdded') {
            if (p.entry.level === 'error' || p.entry.level === 'warning')
                this.complain(`log: ${p.entry.text} ${p.entry.url || ''}`);
        } else if (method === 'Network.requestWillBeSent') {
            const url = p.request.url;
            this.urls.set(p.requestId, url);
            if (this.inside && !url.startsWith(this.inside) &&
                !/^(data|about|blob):/.test(url))
                this.complain('asks for ' + url);
        } else if (method === 'Network.loadingFailed') {
            if (!p.canceled)
                this.complain(
                    `${p.errorText}: ${this.urls.get(p.requestId)}`);
        }
        for (const l of this.listeners)
            l(method, p);
    }

    complain(text) {
        this.complaints.push(text);
    }

    takeComplaints() {
        const c = this.complaints;
        this.complaints = [];
        return c;
    }

    // Resolves at the first such event for which test(params) is true.
    once(method, test = () => true) {
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => {
                this.listeners.delete(listen);
                reject(new Error(`${method} never came`));
            }, PATIENCE_MS);
            const listen = (m, p) => {
                if (m !== method || !test(p))
                    return;
                clearTimeout(timer);
                this.listeners.delete(listen);
                resolve(p);
            };
            this.listeners.add(listen);
        });
    }

    // The next page is there, its deferred scripts have run, it is painted.
    loaded() {
        return this.once('Page.lifecycleEvent', (p) => p.name === 'load');
    }

    async open(url) {
        const there = this.loaded();
        const {errorText} = await this.send('Page.navigate', {url});
        if (errorText)
            throw new Error(`${url}: ${errorText}`);
        await there;
    }

    // Runs a function of the page; arguments and result as JSON.
    async run(f, ...args) {
        const r = await this.send('Runtime.evaluate', {
            expression: `(${f})(${args.map((a) => JSON.stringify(a)).join()})`,
            returnByValue: true, awaitPromise: true, userGesture: true
        });
        if (r.exceptionDetails)
            throw new Error(r.exceptionDetails.exception?.description ||
                            r.exceptionDetails.text);
        return r.result.value;
    }

    view(width, height = 900, scale = 1) {
        return this.send('Emulation.setDeviceMetricsOverride',
                         {width, height, deviceScaleFactor: scale,
                          mobile: false});
    }

    media(scheme, media = '') {
        return this.send('Emulation.setEmulatedMedia', {
            media,
            features: [
                {name: 'prefers-color-scheme', value: scheme},
                {name: 'prefers-reduced-motion', value: 'reduce'}
            ]
        });
    }

    async key(key, extra = {}) {
        const codes = {Enter: 13, Escape: 27, ArrowLeft: 37, ArrowUp: 38,
                       ArrowRight: 39, ArrowDown: 40, Tab: 9};
        const text = key.length === 1 ? key : key === 'Enter' ? '\r' : '';
        const p = {key, text, windowsVirtualKeyCode: codes[key] ||
                   key.toUpperCase().charCodeAt(0), ...extra};
        await this.send('Input.dispatchKeyEvent',
                        {type: text ? 'keyDown' : 'rawKeyDown', ...p});
        await this.send('Input.dispatchKeyEvent', {type: 'keyUp', ...p});
    }

    async click(x, y) {
        const p = {x, y, button: 'left', clickCount: 1};
        await this.send('Input.dispatchMouseEvent', {type: 'mouseMoved', x, y});
        await this.send('Input.dispatchMouseEvent',
                        {type: 'mousePressed', ...p});
        await this.send('Input.dispatchMouseEvent',
                        {type: 'mouseReleased', ...p});
    }

    async picture(file, options = {}) {
        const {data} = await this.send('Page.captureScreenshot',
                                       {format: 'png', ...options});
        fs.mkdirSync(path.dirname(file), {recursive: true});
        fs.writeFileSync(file, Buffer.from(data, 'base64'));
    }
}

module.exports = {Chrome};
