#!/usr/bin/env lua5.4
-- SPDX-License-Identifier: MIT
-- merge.lua -- join what index.lua noted of all chapters; called by book.mk as
--   lua5.4 book/scripts/merge.lua DIR CHAPTER...      (DIR: build/book)
-- Writes DIR/refs/CHAPTER.lua (what that chapter's page needs to know of the
-- others), DIR/gen.mk (what each page is made from, which source pages there
-- are) and DIR/err/merge.err.  Files keep their time where nothing changed.
package.path = arg[0]:match("^(.*)/scripts/") .. "/filters/lib/?.lua;" ..
    package.path
local util = require "util"
local extract = require "extract"
local page = require "page"

local dir = table.remove(arg, 1)
local wrong = util.complaints("")
local chapters, by_name = {}, {}
for _, name in ipairs(arg) do
    local idx = util.load(dir .. "/index/" .. name .. ".idx")
    idx.file = name .. ".html"
    idx.wrongs = util.complaints(idx.source)
    idx.wrongs.list = wrong.list
    for _, line in ipairs(idx.wrong) do table.insert(wrong.list, line) end
    chapters[#chapters + 1] = idx
    by_name[name] = idx
end

-- -------------------------------------------------------- what is defined
local items = {}
for _, c in ipairs(chapters) do
    items["ch:" .. c.chapter] = { chapter = c, number = c.number, kind = "ch",
        title = c.title, line = 1 }
    for _, item in ipairs(c.items) do
        local other = items[item.id]
        if other then
            local n, line = 1, item.line
            if other.chapter == c then
                repeat
                    n = n + 1
                    line = c.wrongs:line("#" .. item.id, n, true)
                until line ~= other.line or n > 9
            end
            c.wrongs:add(line, ("the id %s is taken, see %s:%d"):format(
                item.id, other.chapter.source, other.line))
        else
            item.chapter = c
            items[item.id] = item
        end
    end
end

-- ------------------------------------------------------------- the sources
local function popen_lines(command)
    local pipe = assert(io.popen(command))
    local out = util.lines(pipe:read("a"))
    pipe:close()
    return out
end

local sources = popen_lines("find kernel explorer box64-lab labs solutions " ..
    "scripts book/programs -type f 2>/dev/null | LC_ALL=C sort")
local shown = {}            -- "path:region" -> true
local by_function = {}      -- name -> {path...} of sources that define it
local is_source = {}
for _, path in ipairs(sources) do is_source[path] = true end

local function starter_of(c, path)
    return "labs/" .. c.chapter .. "/" .. path:match("[^/]+$")
end

local listing_of, src_pages, shown_as = {}, {}, {}
for _, c in ipairs(chapters) do
    c.deps = {}
    for _, l in ipairs(c.listings) do
        local path = l.file
        if path and l.version == "starter" then path = starter_of(c, path) end
        local other = l.diff == "starter" and l.file and starter_of(c, l.file)
            or l.diff
        for _, p in ipairs { path or other, other } do
            c.deps[p] = true
            if l.region then shown[p .. ":" .. l.region] = true end
        end
        if path and util.read(path) then
            src_pages[path] = true
            shown_as[path] = shown_as[path] or {}
            table.insert(shown_as[path], { chapter = c, id = l.id })
        end
        if l.fn and not l.version and not l.diff then
            listing_of[l.fn] = listing_of[l.fn] or {}
            table.insert(listing_of[l.fn], { chapter = c, id = l.id })
        end
    end
end

for _, path in ipairs(sources) do
    local text = util.read(path) or ""
    if text:find("[/#;*][<>] ") and not text:find("\0", 1, true) then
        local regions, faults = extract.regions(text)
        for _, f in ipairs(faults) do wrong:add(f[1], f[2], path) end
        for _, name in ipairs(util.keys(regions)) do
            if regions[name].last and not shown[path .. ":" .. name] then
                wrong:add(regions[name].first, ("no chapter shows region %s")
                    :format(name), path)
            end
        end
    end
    -- What inline code may link to: finished software, no starters, no tests.
    if path:find("%.[ch]$") and not path:find("^labs/%d") and
        not path:find("^solutions/") and not path:find("/tests?/") then
        for _, name in ipairs(extract.functions(text)) do
            by_function[name] = by_function[name] or {}
            if by_function[name][#by_function[name]] ~= path then
                table.insert(by_function[name], path)
            end
        end
    end
end

local function line_of(path, name)
    local _, newlines = ("\n" .. util.read(path)):match("^(.-\n)" .. name ..
        "%("):gsub("\n", "")
    return newlines
end

-- Where `name()` links to, seen from chapter c; nil where it is nothing ours
-- or could be several.
local function target_of(c, name)
    local best
    for _, l in ipairs(listing_of[name] or {}) do
        if l.chapter == c then return "#" .. l.id end
        best = best or l
    end
    if best then return best.chapter.file .. "#" .. best.id end
    local paths = by_function[name]
    if paths and #paths == 1 then
        src_pages[paths[1]] = true
        return page.source_page(paths[1]) .. "#L" .. line_of(paths[1], name)
    end
end

-- --------------------------------------------------------------- citations
local known = {}
do
    local path = "book/references.json"
    local text = util.read(path) or ""
    for n, line in ipairs(util.lines(text)) do
        local key = line:match('^%s*{?%s*"id"%s*:%s*"([^"]+)"')
        if key and known[key] then
            wrong:add(n, "the reference " .. key .. " is there twice", path)
        elseif key then
            known[key] = true
        end
    end
end

-- --------------------------------------------------------------- exercises
-- The answers are in solutions/NN-name/WHY.md; an edition for students has no
-- solutions/ at all.
local function check_answers(c)
    local path = "solutions/" .. c.chapter .. "/WHY.md"
    local text, answered = util.read(path), {}
    for n, line in ipairs(util.lines(text or "")) do
        local id = line:match("^## (ex:[%w-]+)")
        if id then
            local item = items[id]
            if not (item and item.chapter == c) then
                wrong:add(n, "answers " .. id .. ", which is no exercise of " ..
                    c.source, path)
            end
            answered[id] = true
        end
    end
    for _, item in ipairs(c.items) do
        if item.kind == "ex" and not answered[item.id] then
            c.wrongs:add(item.line, ("the exercise %s has no answer `## %s' " ..
                "in %s"):format(item.id, item.id, path))
        end
    end
end

local solutions = #popen_lines("ls -d solutions/*/ 2>/dev/null") > 0 or
    os.getenv "BOOK_NO_STUDENT"

-- ------------------------------------------------------- a page's knowledge
local listed = {}
for _, c in ipairs(chapters) do
    if c.chapter ~= "index" then listed[#listed + 1] = c end
end

local function brief(c)
    return c and { file = c.file, title = c.title or "?", number = c.number,
        question = c.question }
end

local nav = {}
for i, c in ipairs(listed) do nav[i] = brief(c) end

for i, c in ipairs(chapters) do
    local refs = { file = c.file, title = c.title or "?", number = c.number,
        lab = c.lab, question = c.question, chapters = nav, refs = {},
        fns = {}, answers = {}, sections = c.sections, cites = #c.cites > 0,
        prev = brief(chapters[i - 1]), next = brief(chapters[i + 1]) }
    if c.chapter == "index" then refs.prev = nil end
    local function resolve(id)
        local item = items[id]
        if not item then return false end
        local href = item.kind == "ch" and "" or "#" .. id
        if item.chapter ~= c or href == "" then
            href = item.chapter.file .. href
        end
        refs.refs[id] = { kind = item.kind, number = item.number,
            title = item.title, href = href }
        return true
    end
    for _, id in ipairs(c.refs) do
        if not resolve(id) then
            local at = "@" .. id
            if c.answers[id] then at = "## " .. id end
            c.wrongs:at(at, "there is no " .. id)
        end
    end
    -- A link that stays unresolved leads nowhere on its page: links.lua.
    for _, id in ipairs(c.links) do resolve(id) end
    for _, key in ipairs(c.cites) do
        if not known[key] then
            c.wrongs:at("@" .. key, "there is no reference " .. key ..
                " in book/references.json")
        end
    end
    local answers = by_name[c.chapter .. "-answers"]
    for id, anchor in pairs(answers and answers.answers or {}) do
        refs.answers[id] = answers.file .. "#" .. anchor
    end
    for name in pairs(c.codes) do refs.fns[name] = target_of(c, name) end
    if solutions and not c.chapter:find("%-answers$") then
        check_answers(c)
    end
    util.write_changed(dir .. "/refs/" .. c.chapter .. ".lua", util.dump(refs))
end
util.write_changed(dir .. "/refs/_source.lua", util.dump { chapters = nav })

-- ------------------------------------------------------------- what is made
local mk, phony = {}, {}
local function rule(target, deps)
    mk[#mk + 1] = target .. ": " .. table.concat(deps, " ")
    for _, d in ipairs(deps) do
        if not d:find("^build/") then phony[d] = true end
    end
end
for _, c in ipairs(chapters) do
    local deps = util.keys(c.deps)
    local function add(path, wanted)
        if wanted or util.exists(path) then deps[#deps + 1] = path end
    end
    for _, name in ipairs(c.transcripts) do
        for _, ext in ipairs { ".cmd", ".out", ".sum" } do
            add("book/transcripts/" .. c.chapter .. "/" .. name .. ext)
        end
    end
    if #c.transcripts > 0 then
        for _, path in ipairs(sources) do
            if path:find("book/programs/" .. c.chapter .. "/", 1, true) == 1
            then add(path) end
        end
    end
    for _, name in ipairs(c.sessions) do
        add("book/sessions/" .. c.chapter .. "/" .. name .. ".out")
        add("book/sessions/" .. c.chapter .. "/" .. name .. ".session")
    end
    for _, name in ipairs(c.figures) do
        for _, ext in ipairs { ".dot", ".gp", ".cmd" } do
            if util.exists("book/figures/" .. c.chapter .. "/" .. name .. ext)
            then
                add("build/book/fig/" .. c.chapter .. "/" .. name .. ".svg",
                    true)
            end
        end
    end
    if #deps > 0 then
        rule(dir .. "/stage/" .. c.chapter .. ".html", deps)
        rule(dir .. "/flat/" .. c.chapter .. ".html", deps)
    end
end
-- A plot is made from the data beside it; any figure from what it says it uses.
for _, path in ipairs(popen_lines("find book/figures -type f 2>/dev/null")) do
    local base, ext = path:match("^book/figures/(.*)%.(%w+)$")
    if ext == "gp" or ext == "cmd" or ext == "dot" then
        local deps = {}
        for used in (util.read(path) or ""):gmatch("%f[^\n\0]# uses: ([^\n]+)") do
            for word in used:gmatch("%S+") do deps[#deps + 1] = word end
        end
        for _, data in ipairs(ext == "dot" and {} or popen_lines("find " ..
            path:match("^.*/") .. " -type f ! -name '*.dot' ! -name '*.gp' " ..
            "! -name '*.cmd'")) do
            deps[#deps + 1] = data
        end
        if #deps > 0 then
            table.sort(deps)
            rule("build/book/fig/" .. base .. ".svg", deps)
        end
    end
end
local pages = {}
for _, path in ipairs(util.keys(src_pages)) do
    local target = dir .. "/stage/" .. page.source_page(path)
    local list = {}
    for i, l in ipairs(shown_as[path] or {}) do
        list[i] = { href = l.chapter.file .. "#" .. l.id,
            number = items[l.id].number }
    end
    local refs = ("%s/refs/%s.src"):format(dir, path:gsub("/", "-"))
    util.write_changed(refs, util.dump(list))
    rule(target, { path, refs })
    pages[#pages + 1] = target
end
mk[#mk + 1] = "BOOK_SRC_PAGES := " .. table.concat(pages, " ")
for _, path in ipairs(util.keys(phony)) do mk[#mk + 1] = path .. ":" end
util.write_changed(dir .. "/gen.mk", "# made by merge.lua\n" ..
    table.concat(mk, "\n") .. "\n")
wrong:save(dir .. "/err/merge.err")
