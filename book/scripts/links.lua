#!/usr/bin/env lua5.4
-- SPDX-License-Identifier: MIT
-- links.lua -- check all pages of the book together: every local address has to
-- lead to a file and an id that exist, an id is on a page once.
--   lua5.4 book/scripts/links.lua STAGE ERR PAGE...
-- PAGE is relative to STAGE.  A complaint names the chapter's source where the
-- address can be found in it, else the page.
package.path = arg[0]:match("^(.*)/scripts/") .. "/filters/lib/?.lua;" ..
    package.path
local util = require "util"
local stage, err = table.remove(arg, 1), table.remove(arg, 1)
local out = util.complaints("")
local ids, texts = {}, {}

local function line_of(text, pos)
    local _, n = text:sub(1, pos):gsub("\n", "")
    return n + 1
end

local function complain(name, pos, needles, message)
    local chapter = name:gsub("%.html$", "")
    local source = chapter:find("%-answers$") and
        ("solutions/%s/WHY.md"):format(chapter:gsub("%-answers$", "")) or
        ("book/chapters/%s.md"):format(chapter)
    local text = util.read(source)
    for _, needle in ipairs(text and needles or {}) do
        local p = text:find(needle, 1, true)
        if p then
            out:add(line_of(text, p), message, source)
            return
        end
    end
    out:add(line_of(texts[name], pos), message, stage .. "/" .. name)
end

for _, name in ipairs(arg) do
    texts[name] = util.read(stage .. "/" .. name) or ""
    ids[name] = {}
    -- Ids of the form kind:name are unique in the book: merge.lua saw to it.
    for pos, id in texts[name]:gmatch("()%sid=\"([^\"]*)\"") do
        if ids[name][id] and not id:find("^%l+:[%w-]+$") then
            complain(name, pos, { "#" .. id, "#" .. id:gsub("^s%d+%-", "") },
                "the id " .. id .. " is twice on the page")
        end
        ids[name][id] = pos
    end
end

local function resolve(from, path)
    local base = from:match("^(.*/)") or ""
    path = base .. path
    while path:find("[^/]+/%.%./") do
        path = path:gsub("[^/]+/%.%./", "", 1)
    end
    return path
end

for _, name in ipairs(arg) do
    local text = texts[name]:gsub("<script.-</script>", function(s)
        return s:gsub("[^\n>]", " ")
    end)
    for pos, attribute, url in text:gmatch("()%s(%l+)=\"([^\"]*)\"") do
        if (attribute == "href" or attribute == "src") and
            not url:find("^%a[%w+.-]*:") and url ~= "" then
            url = url:gsub("&amp;", "&"):gsub("%%(%x%x)", function(h)
                return string.char(tonumber(h, 16))
            end)
            local path, id = url:match("^([^#?]*)%??[^#]*#?(.*)$")
            local target = path == "" and name or resolve(name, path)
            local bare = path:gsub("%.html$", "")
            if not ids[target] and not util.read(stage .. "/" .. target) then
                complain(name, pos, { url, path, bare },
                    "dead link: there is no page " .. path)
            elseif id ~= "" and ids[target] and not ids[target][id] and
                not id:find("^ref%-%w+%-") then     -- merge.lua told it
                complain(name, pos, { "#" .. id, "@" .. id, url },
                    "dead link: " .. url)
            end
        end
    end
end
out:save(err)
