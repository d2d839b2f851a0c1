-- SPDX-License-Identifier: MIT
-- after.lua -- pandoc filter, after citeproc: ids of references that are unique
-- in the book, and the texts that the search looks through.
--
-- In the environment: BOOK_CHAPTER, BOOK_REFS, and BOOK_SEARCH (the file to
-- write, if any).
local here = PANDOC_SCRIPT_FILE:match("^(.*)/") or "."
package.path = here .. "/lib/?.lua;" .. package.path
local util = require "util"
local short = util.short(os.getenv "BOOK_CHAPTER")

local ENTITIES = { amp = "&", lt = "<", gt = ">", quot = '"' }

local function text_of(block)
    if block.t == "RawBlock" then
        return (block.text:gsub("<[^>]*>", " "):gsub("&(%a+);", ENTITIES))
    end
    local words = {}
    block:walk { traverse = "topdown",
        Str = function(e) words[#words + 1] = e.text end,
        Code = function(e) words[#words + 1] = e.text end,
        Space = function() words[#words + 1] = " " end,
        SoftBreak = function() words[#words + 1] = " " end,
        Plain = function() words[#words + 1] = " " end,
        Para = function() words[#words + 1] = " " end,
    }
    return table.concat(words)
end

local function search(doc, refs, path)
    local out = {}
    local title, id, texts = "", "", {}
    local function flush()
        local text = table.concat(texts, " "):gsub("%s+", " ")
        if text:find("%S") then
            out[#out + 1] = ("{page:%s,title:%s,section:%s,id:%s,text:%s}")
                :format(util.json(refs.file), util.json(refs.title),
                    util.json(title), util.json(id), util.json(text))
        end
        texts = {}
    end
    for _, block in ipairs(doc.blocks) do
        if block.t == "Header" then
            flush()
            title = pandoc.utils.stringify(block.content)
            id = block.identifier
        else
            texts[#texts + 1] = text_of(block)
        end
    end
    flush()
    util.write(path, table.concat(out, ",\n") .. "\n")
end

function Pandoc(doc)
    doc = doc:walk {
        Div = function(el)
            if el.identifier == "refs" or el.identifier:find("^ref%-") then
                el.identifier = el.identifier:gsub("^(refs?)", "%1-" .. short)
                return el
            end
        end,
        Link = function(el)
            if el.target:find("^#ref%-") then
                el.target = el.target:gsub("^#ref", "#ref-" .. short)
                return el
            end
        end,
    }
    local path = os.getenv "BOOK_SEARCH"
    if path then search(doc, util.load(os.getenv "BOOK_REFS"), path) end
    return doc
end
