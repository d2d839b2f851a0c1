-- SPDX-License-Identifier: MIT
-- index.lua -- pandoc filter, first pass over one chapter: give ids and
-- numbers, and write down what the chapter defines, shows and refers to.  The text goes
-- on unchanged but for ids and numbers, which render.lua finds as attributes.
--
-- In the environment: BOOK_CHAPTER (01-supervisor), BOOK_SOURCE (the Markdown
-- file), BOOK_IDX (the file to write).
local here = PANDOC_SCRIPT_FILE:match("^(.*)/") or "."
package.path = here .. "/lib/?.lua;" .. package.path
local util = require "util"
local kinds = require "kinds"

local chapter = os.getenv "BOOK_CHAPTER"
local source = os.getenv "BOOK_SOURCE"
local answers = chapter:match("^(.*)%-answers$")
local str = pandoc.utils.stringify
local wrong = util.complaints(source)
local idx = { chapter = chapter, source = source, items = {}, sections = {},
    refs = {}, links = {}, cites = {}, codes = {}, listings = {},
    transcripts = {}, figures = {}, sessions = {}, answers = {} }
local count, prefix = {}, ""

local function attribute(el, name)
    local v = el.attributes[name]
    return v ~= "" and v or nil
end

-- Give an element its number and note its id; `kind` is the ids' prefix,
-- `where` some text that tells its line where it has no id.
local function define(el, kind, what, where)
    local id = el.identifier
    if not id:find("^" .. kind .. ":[%w-]+$") then
        wrong:at(id ~= "" and "#" .. id or where or what,
            ("%s needs an id of the form %s:name"):format(what, kind))
        id = kind .. ":" .. chapter .. "-" .. #idx.items
    end
    count[kind] = (count[kind] or 0) + 1
    local number = prefix .. "." .. count[kind]
    idx.items[#idx.items + 1] = { id = id, kind = kind, number = number,
        line = wrong:line("#" .. id, 1, true) }
    el.identifier = id
    el.attributes["number"] = number
    return id
end

local inlines                   -- what looks at text, defined below

local function code_block(el)
    local a = el.attributes
    local where = a.caption and a.caption:match("^[^\n]+")
    if el.classes:includes "listing" then
        define(el, "lst", "a listing", where)
        if not a.file then
            wrong:at("#" .. el.identifier, "the listing names no file")
        end
        if not attribute(el, "caption") then
            wrong:at("#" .. el.identifier, "the listing has no caption")
        end
        if a.version and a.version ~= "starter" then
            wrong:at("#" .. el.identifier,
                "version=" .. a.version .. " is not known, only starter")
        end
        idx.listings[#idx.listings + 1] = { id = el.identifier, file = a.file,
            fn = a.fn, region = a.region, version = a.version, diff = a.diff }
    elseif el.classes:includes "transcript" then
        define(el, "tr", "a transcript", where)
        idx.transcripts[#idx.transcripts + 1] = a.name or ""
    elseif el.classes:includes "session" then
        define(el, "ses", "a session", where)
        idx.sessions[#idx.sessions + 1] = a.name or ""
    else
        return nil
    end
    if not a.name and not el.classes:includes "listing" then
        wrong:at("#" .. el.identifier, el.identifier .. " has no name=")
    end
    if a.caption then
        pandoc.read(a.caption, "markdown"):walk(inlines)
    end
    if el.text:find("%S") then
        wrong:at("#" .. el.identifier, "the block of " .. el.identifier ..
            " has text of its own: what it shows comes from its source")
    end
    return el
end

-- A figure is an image alone in its paragraph.
local function para(el)
    local image = el.content[1]
    if #el.content ~= 1 or image.t ~= "Image" then return nil end
    local where = "](" .. image.src .. ")"
    define(image, "fig", "a figure", where)
    if not (attribute(image, "alt") or ""):find("%S") then
        wrong:at(where, "the figure " .. image.src ..
            " has no text alternative (alt=)")
    end
    if #image.caption == 0 then
        wrong:at(where, "the figure " .. image.src .. " has no caption")
    end
    idx.figures[#idx.figures + 1] = image.src
    return pandoc.Para { image }
end

-- Pandoc before 3.6 knows no id of a table: it stands in the caption's end.
local function tables(el)
    local long = el.caption.long or pandoc.List {}
    local block = long[#long]
    local id = el.attr.identifier
    if id == "" and block and block.content then
        local inlines = block.content
        local last = inlines[#inlines]
        if last and last.t == "Str" then
            local found = last.text:match("^{#(tbl:[%w-]+)}$")
            if found then
                id = found
                inlines:remove(#inlines)
                if inlines[#inlines] and inlines[#inlines].t == "Space" then
                    inlines:remove(#inlines)
                end
                block.content = inlines
                long[#long] = block
                el.caption.long = long
            end
        end
    end
    if id == "" and not block then return nil end     -- a plain, small table
    el.attr = pandoc.Attr(id, el.attr.classes, {})
    local stand_in = { identifier = id, attributes = {} }
    define(stand_in, "tbl", "a table with a caption",
        block and ": " .. str(block):match("^%S*"))
    el.attr = pandoc.Attr(stand_in.identifier, el.attr.classes,
        { { "number", stand_in.attributes.number } })
    return el
end

local LEVELS = { ["warm-up"] = true, core = true, hard = true, open = true }
local DIVS = { predict = true, expert = true, trap = true, exercise = true,
    contents = true }

local function div(el)
    local class = el.classes[1] or ""
    if not DIVS[class] then
        wrong:at(class ~= "" and class or ":::", "a block ::: {." .. class ..
            "} is not known")
        return nil
    end
    if class ~= "exercise" then return nil end
    define(el, "ex", "an exercise")
    if not LEVELS[el.attributes.level or ""] then
        wrong:at("#" .. el.identifier, "the level of " .. el.identifier ..
            " has to be warm-up, core, hard or open")
    end
    return el
end

local function note(el)
    for _, block in ipairs(el.content) do
        if block.t ~= "Para" and block.t ~= "Plain" then
            wrong:at((block.t == "CodeBlock" and block.text or str(block))
                :match("^[^\n]*"), "a side note holds paragraphs only")
        end
    end
end

local function cite(el)
    for _, c in ipairs(el.citations) do
        local kind = c.id:match("^(%a+):")
        if kind and kinds[kind] then
            idx.refs[#idx.refs + 1] = c.id
        else
            idx.cites[#idx.cites + 1] = c.id
        end
    end
end

local function link(el)
    local id = el.target:match("^#(.+)$")
    if id then idx.links[#idx.links + 1] = id end
end

local function code(el)
    local name = el.text:match("^([%a_][%w_]*)%(%)$")
    if name and #el.classes == 0 then idx.codes[name] = true end
end

inlines = { Cite = cite, Link = link, Code = code }

-- In a WHY.md, `## ex:name` heads the answer to that exercise.
local function answer(el)
    local id = str(el.content):match("^(ex:[%w-]+)")
    if not id then return end
    idx.refs[#idx.refs + 1] = id
    idx.answers[id] = "a:" .. id:sub(4)
    el.identifier = idx.answers[id]
    el.content = { pandoc.Cite({ pandoc.Str("@" .. id) },
        { pandoc.Citation(id, "AuthorInText") }) }
    el.classes:insert "unnumbered"
end

local secs = { 0, 0, 0 }
local function header(el)
    if answers then answer(el) end
    if el.level > 3 then
        wrong:at("# " .. str(el.content), "a heading of level " .. el.level ..
            ": three have to do")
        return nil
    end
    secs[el.level] = secs[el.level] + 1
    for l = el.level + 1, 3 do secs[l] = 0 end
    local number
    if not el.classes:includes "unnumbered" and idx.number and el.level < 3
    then
        number = prefix .. "." .. secs[1]
        if el.level > 1 then number = number .. "." .. secs[2] end
    elseif el.level == 1 then
        secs[1] = secs[1] - 1
    end
    -- Only sec:... is a name that others may use; the rest gets one that is
    -- the same in every edition and unique in the book.
    if el.identifier:find("^a:") then
        el.level = el.level + 1
        return el, false
    elseif not el.identifier:find("^sec:") then
        el.identifier = "s" .. util.short(chapter) .. "-" .. el.identifier
    else
        idx.items[#idx.items + 1] = { id = el.identifier, kind = "sec",
            number = number, title = str(el.content),
            line = wrong:line("#" .. el.identifier, 1, true) }
    end
    el.attributes["number"] = number
    el.level = el.level + 1
    idx.sections[#idx.sections + 1] = { id = el.identifier, number = number,
        title = str(el.content), level = el.level }
    return el
end

function Pandoc(doc)
    local m = doc.meta
    for _, key in ipairs { "title", "number", "lab", "question" } do
        if m[key] then idx[key] = str(m[key]) end
    end
    if answers then
        local n = tostring(tonumber(chapter:match("^%d+")))
        idx.title = "Answers to chapter " .. n
        idx.number = n .. "A"
    end
    if not idx.title then wrong:add(1, "the chapter has no title") end
    if chapter:find("^%d%d%-") and chapter:sub(1, 2) ~= "00" and
        not answers then
        local n = tostring(tonumber(chapter:sub(1, 2)))
        if idx.number ~= n then
            wrong:add(1, ("the chapter's number has to be %s, as in its name")
                :format(n))
        end
        if not idx.question then
            wrong:add(1, "the chapter has no question")
        end
        idx.number = n
    end
    prefix = idx.number or "P"
    doc = doc:walk { traverse = "topdown", CodeBlock = code_block, Para = para,
        Table = tables, Div = div, Cite = cite, Link = link, Code = code,
        Header = header, Note = note }
    idx.wrong = wrong.list
    util.write_changed(os.getenv "BOOK_IDX", util.dump(idx))
    return doc
end
