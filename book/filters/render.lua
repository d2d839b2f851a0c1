-- SPDX-License-Identifier: MIT
-- render.lua -- pandoc filter, second pass over one chapter: put in what the
-- listings, transcripts, sessions and figures name, and resolve references.
-- The HTML it makes is the vocabulary of book/README.md.
--
-- In the environment: BOOK_CHAPTER, BOOK_SOURCE, BOOK_REFS (what merge.lua
-- found for this chapter), BOOK_ERR (the file for complaints), BOOK_MODE:
-- html, or flat (for EPUB and PDF: drawings keep their colours, no links to
-- source pages).
local here = PANDOC_SCRIPT_FILE:match("^(.*)/") or "."
package.path = here .. "/lib/?.lua;" .. package.path
local util = require "util"
local kinds = require "kinds"
local extract = require "extract"
local page = require "page"
local svg = require "svg"
local transcript = require "transcript"

local chapter = os.getenv "BOOK_CHAPTER"
local source = os.getenv "BOOK_SOURCE"
local flat = os.getenv "BOOK_MODE" == "flat"
local refs = util.load(os.getenv "BOOK_REFS")
local wrong = util.complaints(source)
local escape = util.escape
local str = pandoc.utils.stringify
local number_of_note = 0

local function raw(html) return pandoc.RawBlock("html", html) end
local function rawi(html) return pandoc.RawInline("html", html) end

local function caption_inlines(text)
    local blocks = pandoc.read(text or "", "markdown").blocks
    return pandoc.utils.blocks_to_inlines(blocks)
end

-- What stands for something that cannot be shown: its id, so that references to
-- it are not complained of as well.
local function stub(id)
    return raw(('<figure id="%s"></figure>'):format(id))
end

-- The opening of a numbered figure: <figure> and its caption.
local function opening(class, el, kind, inlines, tail)
    local label = ('<span class="label">%s %s</span> ')
        :format(kinds[kind], el.attributes.number)
    local content = pandoc.List { rawi(label) }
    content:extend(inlines)
    if tail then content:insert(rawi(tail)) end
    return {
        raw(('<figure class="%s" id="%s">\n<figcaption>')
            :format(class, el.identifier)),
        pandoc.Plain(content),
        raw("</figcaption>"),
    }
end

-- ------------------------------------------------------------------ listings
local function take(id, path, a)
    local text = util.read(path)
    if not text then
        wrong:at("#" .. id, "there is no file " .. path)
        return nil
    end
    local got, why = extract.take(path, text, a)
    if not got then
        wrong:at("#" .. id, why)
        return nil
    end
    return got, text
end

local function code_html(lines)
    return '<pre><code class="sourceCode%s">' ..
        table.concat(lines, "\n") .. "\n</code></pre>"
end

local function starter_of(path)
    return "labs/" .. chapter .. "/" .. path:match("[^/]+$")
end

-- The lines of the unified difference between two lists of lines.
local function difference(from, to)
    local names = { os.tmpname(), os.tmpname() }
    for i, list in ipairs { from, to } do
        local t = {}
        for _, l in ipairs(list) do t[#t + 1] = l.text .. "\n" end
        util.write(names[i], table.concat(t))
    end
    local pipe = io.popen(("diff -U 3 '%s' '%s'"):format(names[1], names[2]))
    local out = util.lines(pipe:read("a"))
    pipe:close()
    os.remove(names[1])
    os.remove(names[2])
    table.remove(out, 1)
    table.remove(out, 1)
    return out
end

local function listing(el)
    local a, id = el.attributes, el.identifier
    if not a.file then return nil end       -- complained of by index.lua
    local path = a.version == "starter" and starter_of(a.file) or a.file
    local got, text = take(id, path, a)
    if not got then return stub(id) end
    local first = got[1].number
    local where = ("%s:%d"):format(path, first)
    local tail
    if a.region or not a.fn then
        where = ("%s:%d–%d"):format(path, first, got[#got].number)
    end
    if flat then
        tail = (' <span class="source">%s</span>'):format(escape(where))
    else
        tail = (' <a class="source" href="%s#L%d">%s</a>')
            :format(page.source_page(path), first, escape(where))
    end
    local out = opening("listing", el, "lst", caption_inlines(a.caption), tail)
    local kind, class = extract.language(path, text)
    local html = {}
    if a.diff then
        local other = a.diff == "starter" and starter_of(a.file) or a.diff
        local old = take(id, other, a)
        if not old then return stub(id) end
        local lines = difference(old, got)
        if #lines == 0 then
            wrong:at("#" .. id, other .. " and " .. path .. " do not differ")
        end
        for i, l in ipairs(lines) do
            local c = l:sub(1, 1)
            html[i] = ('<span class="line%s">%s</span>'):format(
                c == "+" and " add" or c == "-" and " del" or "", escape(l))
        end
        class = "diff"
    else
        local plain = {}
        for i, l in ipairs(got) do plain[i] = l.text end
        local coloured = page.colour(table.concat(plain, "\n"), class)
        for i, l in ipairs(got) do
            html[i] = ('<span class="line" data-line="%d">%s</span>')
                :format(l.number, coloured[i])
        end
    end
    local code = code_html(html):gsub("%%s", class ~= "" and " " .. class or "",
        1)
    out[#out + 1] = raw(code .. "\n</figure>")
    return out
end

-- --------------------------------------------------------------- transcripts
local function kbd(prompt, command)
    local out = {}
    for i, line in ipairs(util.lines(command)) do
        out[i] = ('<span class="prompt">%s</span><kbd class="in">%s</kbd>')
            :format(escape(i == 1 and prompt or "> "), escape(line))
    end
    return table.concat(out, "\n") .. "\n"
end

local function recorded(el)
    local name = el.attributes.name
    if not name then return nil end
    local base = "book/transcripts/" .. chapter .. "/" .. name
    local function complain(text) wrong:at("#" .. el.identifier, text) end
    local text = util.read(base .. ".cmd")
    if not text then
        complain("there is no " .. base .. ".cmd")
        return stub(el.identifier)
    end
    local cmd, why, line = transcript.parse_cmd(text)
    if not cmd then
        wrong:add(line, why, base .. ".cmd")
        return stub(el.identifier)
    end
    local again = ": make record-" .. chapter .. "-" .. name
    local out = util.read(base .. ".out")
    if not out then
        complain(base .. ".cmd was never recorded" .. again)
        return stub(el.identifier)
    end
    local outputs = transcript.parse_out(out, cmd.commands)
    if not outputs then
        complain("stale transcript: " .. base .. ".cmd has other commands " ..
            "than its recording" .. again)
        return stub(el.identifier)
    end
    local sum = transcript.sum(transcript.inputs(chapter, name, cmd))
    if util.read(base .. ".sum") ~= sum then
        complain("stale transcript: " .. base ..
            ".cmd or a program that it runs was changed" .. again)
    end
    local blocks = opening("transcript", el, "tr",
        caption_inlines(el.attributes.caption))
    local html = { "<pre><code>" }
    for i, command in ipairs(cmd.commands) do
        html[#html + 1] = kbd("$ ", command)
        if outputs[i] ~= "" then
            html[#html + 1] = '<samp class="out">' .. escape(outputs[i]) ..
                "</samp>"
        end
    end
    html[#html + 1] = "</code></pre>\n</figure>"
    blocks[#blocks + 1] = raw(table.concat(html))
    return blocks
end

-- ------------------------------------------------------------------ sessions
-- A played session; its lines say what they are by their first characters, see
-- book/sessions/README.md.
local function narration(text)
    text = escape(text)
    text = text:gsub("`([^`]+)`", "<code>%1</code>")
    return (text:gsub("%*%*(.-)%*%*", "<strong>%1</strong>"))
end

-- What the author wrote, by kind, from NAME.session or from NAME.out, so that
-- the two can be compared: a recording of another text is stale.
local function said(text, recording)
    local words = { title = {}, command = {}, question = {}, look = {},
        text = {} }
    local values, kind, head = {}, nil, true
    local signs = recording and { ["="] = "title", ["(gdb)"] = "command",
        [">"] = "command", ["?"] = "question", ["!"] = "look", ["|"] = "text",
        ["-"] = "text" } or { ["=="] = "title", ["(gdb)"] = "command",
        [">"] = "command", ["?"] = "question", look = "look", ["-"] = "text",
        expect = "", show = "" }
    for _, line in ipairs(util.lines(text)) do
        local sign, rest = line:match("^(%S+)%s*(.*)$")
        if sign == "#" and head then
            for k, v in (line:match("^# values:(.*)$") or "")
                :gmatch("([%w_]+)=(%S+)") do values[k] = v end
        elseif not line:find("%S") then
            kind = nil
        else
            head = false
            local new = signs[sign]
            if line:find("^%s") and recording then
                new, kind = nil, nil
            elseif new then
                kind, line = new, rest
            elseif not recording then
                kind = kind or "text"
            end
            if kind and kind ~= "" and (new or not recording) then
                for word in line:gmatch("%S+") do
                    table.insert(words[kind], word)
                end
            end
        end
    end
    local out = {}
    for _, k in ipairs { "title", "command", "question", "look", "text" } do
        out[#out + 1] = table.concat(words[k], " ")
    end
    return table.concat(out, "\n"), values
end

local function is_stale(base, recorded)
    local written = util.read(base .. ".session")
    if not written then return false end
    local now = said(written, false)
    local was, values = said(recorded, true)
    for k, v in pairs(values) do
        now = now:gsub("{" .. k .. "}", (v:gsub("%%", "%%%%")))
    end
    return now ~= was
end

local function session(el)
    local name = el.attributes.name
    if not name then return nil end
    local base = "book/sessions/" .. chapter .. "/" .. name
    local text = util.read(base .. ".out")
    if not text then
        wrong:at("#" .. el.identifier, util.exists(base .. ".session") and
            "the session " .. base .. ".session was never recorded: " ..
            "make record-sessions" or "there is no " .. base .. ".session")
        return stub(el.identifier)
    end
    if is_stale(base, text) then
        wrong:at("#" .. el.identifier, "stale session: " .. base ..
            ".session says other things than its recording: " ..
            "make record-sessions SESSION=" .. chapter .. "/" .. name)
    end
    local blocks = opening("session", el, "ses",
        caption_inlines(el.attributes.caption))
    local html, mode = {}, nil
    local function put(s) html[#html + 1] = s end
    local function change(to)           -- to: gdb, out, list or nil
        if mode == to then return end
        local was_pre, is_pre = mode == "gdb" or mode == "out",
            to == "gdb" or to == "out"
        if mode == "out" then put "</samp>" end
        if was_pre and not is_pre then put "</code></pre>\n" end
        if mode == "list" then put "</ul>\n" end
        if is_pre and not was_pre then put "<pre><code>" end
        if to == "out" then put '<samp class="out">' end
        if to == "list" then put '<ul class="narration">\n' end
        mode = to
    end
    local paragraphs = { ["|"] = "narration", ["?"] = "question",
        ["!"] = "look", ["="] = "step" }
    for number, line in ipairs(util.lines(text)) do
        local sign, rest = line:match("^(%S+) ?(.*)$")
        if line:find("^  ") then
            change "out"
            put(escape(line:sub(3)) .. "\n")
        elseif sign == "(gdb)" or sign == ">" then
            change "gdb"
            put(('<span class="prompt">%s </span><kbd class="in">%s</kbd>\n')
                :format(escape(sign), escape(rest)))
        elseif sign == "-" then
            change "list"
            put("<li>" .. narration(rest) .. "</li>\n")
        elseif sign == "~" then
            change(nil)         -- a pane that the class saw
        elseif paragraphs[sign] then
            change(nil)
            if rest:find("%S") then
                put(('<p class="%s">%s</p>\n'):format(paragraphs[sign],
                    narration(rest)))
            end
        elseif line:find("%S") and sign ~= "#" then
            wrong:add(number, "no line of a session begins like this",
                base .. ".out")
        end
    end
    change(nil)
    put "</figure>"
    blocks[#blocks + 1] = raw(table.concat(html))
    return blocks
end

local function code_block(el)
    if el.classes:includes "listing" then return listing(el) end
    if el.classes:includes "transcript" then return recorded(el) end
    if el.classes:includes "session" then return session(el) end
    local class = el.classes[1] or ""
    return raw(code_html(page.colour(el.text, class))
        :gsub("%%s", class ~= "" and " " .. class or "", 1))
end

-- ------------------------------------------------------- figures and tables
local function para(el)
    local image = el.content[1]
    if #el.content ~= 1 or image.t ~= "Image" then return nil end
    local where = "](" .. image.src .. ")"
    local base = "book/figures/" .. chapter .. "/" .. image.src
    local text = util.read("build/book/fig/" .. chapter .. "/" .. image.src
        .. ".svg")
    local inline, why
    if not text or text == "" then
        why = "there is no figure " .. base .. ".dot, .gp or .cmd"
        for _, ext in ipairs { ".dot", ".gp", ".cmd" } do
            if util.exists(base .. ext) then
                why = base .. ext .. " could not be drawn"
            end
        end
    else
        inline, why = svg.inline(text, image.identifier,
            image.attributes.alt or "", flat)
        if why then why = "the figure " .. image.src .. " " .. why end
    end
    if not inline then
        wrong:at(where, why)
        return stub(image.identifier)
    end
    local caption = opening("figure", image, "fig", image.caption)
    return {
        raw(('<figure class="figure" id="%s">\n%s\n<figcaption>')
            :format(image.identifier, inline)),
        caption[2],
        raw("</figcaption>\n</figure>"),
    }
end

local function tables(el)
    local number = el.attr.attributes.number
    if not number then return nil end
    local stand_in = { identifier = el.attr.identifier,
        attributes = { number = number } }
    local inlines = pandoc.utils.blocks_to_inlines(el.caption.long)
    local out = opening("table", stand_in, "tbl", inlines)
    el.attr = pandoc.Attr()
    el.caption.long = pandoc.List {}
    out[3] = raw('</figcaption>\n<div class="scroll">')
    out[4] = el
    out[5] = raw("</div>\n</figure>")
    return out, false
end

-- --------------------------------------------------------------------- asides
local ASIDES = { predict = "Predict", expert = "For experts", trap = "Trap" }

local function div(el)
    local class = el.classes[1] or ""
    if class == "exercise" then
        local level = el.attributes.level or ""
        local blocks = pandoc.List { raw(
            ('<section class="exercise" id="%s" data-level="%s">\n' ..
            '<p class="exercise-title"><span class="label">%s %s</span> ' ..
            '<span class="level %s">%s</span></p>'):format(
            el.identifier, escape(level), kinds.ex,
                el.attributes.number, escape(level), escape(level))) }
        blocks:extend(el.content)
        local answer = refs.answers[el.identifier]
        if answer then
            blocks:insert(raw(('<p class="answer"><a href="%s">Answer</a></p>')
                :format(answer)))
        end
        blocks:insert(raw("</section>"))
        return blocks
    elseif ASIDES[class] then
        local blocks = pandoc.List { raw(([[
<aside class="%s"><p class="aside-title">%s</p>]])
            :format(class, ASIDES[class])) }
        blocks:extend(el.content)
        blocks:insert(raw("</aside>"))
        return blocks
    elseif class == "contents" and flat then
        return {}                   -- paper has a list of its own
    elseif class == "contents" then
        local html = { '<ol class="contents">\n' }
        for _, c in ipairs(refs.chapters) do
            html[#html + 1] = ('<li><a href="%s">'):format(c.file)
            if c.number then
                html[#html + 1] = ('<span class="number">%s</span> ')
                    :format(escape(c.number))
            end
            html[#html + 1] = ('<span class="title">%s</span></a>')
                :format(escape(c.title))
            if c.question then
                html[#html + 1] = (' <span class="question">%s</span>')
                    :format(escape(c.question))
            end
            html[#html + 1] = "</li>\n"
        end
        html[#html + 1] = "</ol>"
        return raw(table.concat(html))
    end
end

local function header(el)
    local number = el.attributes.number
    el.attributes.number = nil
    if number then
        el.content:insert(1, pandoc.Span({ pandoc.Str(number) },
            { class = "number" }))
        el.content:insert(2, pandoc.Space())
    end
    return el
end

-- -------------------------------------------------------------------- inlines
local function reference(id)
    local r = refs.refs[id]
    if not r then wrong:at("@" .. id, "there is no " .. id) end
    if not r then return pandoc.Strong { pandoc.Str("@" .. id) } end
    local text = kinds[r.kind] .. (r.number and "\u{a0}" .. r.number or
        "\u{a0}“" .. (r.title or id) .. "”")
    return pandoc.Link({ pandoc.Str(text) }, r.href, "", { class = "ref" })
end

local function cite(el)
    local first = el.citations[1].id:match("^(%a+):")
    if not (first and kinds[first]) then return nil end
    local out = pandoc.List {}
    for i, c in ipairs(el.citations) do
        if i > 1 then
            out:insert(pandoc.Str(i == #el.citations and " and" or ","))
            out:insert(pandoc.Space())
        end
        local prefix, suffix = pandoc.List(c.prefix), pandoc.List(c.suffix)
        if #prefix > 0 then
            out:extend(prefix)
            out:insert(pandoc.Space())
        end
        out:insert(reference(c.id))
        out:extend(suffix)
    end
    return out, false
end

local function link(el)
    local id = el.target:match("^#(.+)$")
    local r = id and refs.refs[id]
    if r then el.target = r.href end
    return el, false
end

local function code(el)
    local name = el.text:match("^([%a_][%w_]*)%(%)$")
    if not name or #el.classes > 0 then return nil end
    local href = refs.fns[name]
    if not href or (flat and href:find("^src/")) then return nil end
    -- `false': or the walk would go into the link, find the code, and so on.
    return pandoc.Link({ el }, href, "", { class = "fn" }), false
end

local function note(el)
    number_of_note = number_of_note + 1
    local n = number_of_note
    local out = pandoc.List { rawi(('<label class="sidenote-number">%d' ..
        '</label><small class="sidenote" id="note-%s-%d">' ..
        '<span class="sidenote-mark">%d</span> ')
        :format(n, util.short(chapter), n, n)) }
    for i, block in ipairs(el.content) do
        if i > 1 then out:insert(rawi('<br class="par" />')) end
        if block.t == "Para" or block.t == "Plain" then
            out:extend(block.content)
        end
    end
    out:insert(rawi("</small>"))
    return out
end

function Pandoc(doc)
    doc = doc:walk { traverse = "topdown", CodeBlock = code_block, Para = para,
        Table = tables, Div = div, Header = header }
    doc = doc:walk { Cite = cite, Link = link, Note = note }
    doc = doc:walk { traverse = "topdown", Code = code,
        Link = function(el) return el, false end }
    if refs.cites then
        local id = "references-" .. util.short(chapter)
        doc.blocks:insert(pandoc.Header(2, { pandoc.Str "References" },
            { id = id, class = "references" }))
        doc.blocks:insert(pandoc.Div({}, { id = "refs" }))
    end
    -- what the template needs
    local function plain(v) return v and pandoc.MetaString(v) end
    local function entry(c)
        return { file = plain(c.file), title = plain(c.title),
            number = plain(c.number), current = c.file == refs.file or nil }
    end
    local m = {}
    for _, k in ipairs { "title", "number", "lab", "question", "file" } do
        m[k] = plain(refs[k])
    end
    m.pagetitle = plain(refs.title)
    m.root = pandoc.MetaString ""
    m[refs.file == "index.html" and "is-index" or "is-chapter"] = true
    m.chapters, m.sections = pandoc.List {}, pandoc.List {}
    for _, c in ipairs(refs.chapters) do m.chapters:insert(entry(c)) end
    for _, s in ipairs(refs.sections) do
        m.sections:insert({ id = plain(s.id), title = plain(s.title),
            number = plain(s.number), level = plain(tostring(s.level)) })
    end
    if refs.cites then
        m.sections:insert({ id = plain("references-" .. util.short(chapter)),
            title = plain "References", level = plain "2" })
    end
    m.prev = refs.prev and entry(refs.prev)
    m.next = refs.next and entry(refs.next)
    m.bibliography = doc.meta.bibliography
    m.csl = doc.meta.csl
    m["link-citations"] = true
    m.lang = plain "en"
    doc.meta = pandoc.Meta(m)
    local err = os.getenv "BOOK_ERR"
    if err then wrong:save(err) end
    return doc
end
