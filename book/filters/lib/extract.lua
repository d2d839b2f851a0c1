-- SPDX-License-Identifier: MIT
-- extract.lua -- find a function, a type, a macro or a region in a source.
-- Used by render.lua and merge.lua; proved by tests/extract.lua.
--
-- C is not parsed.  It is masked: comments, strings and character constants
-- are blanked, so that what remains has only braces that count; then the
-- definition is looked for at brace depth 0.
local util = require "util"
local M = {}

-- The same text, equally long and with the same newlines, with spaces for
-- everything that is a comment, a string or a character constant.
function M.mask(text)
    local out, i, n = {}, 1, #text
    local function blank(a, b)
        out[#out + 1] = text:sub(a, b):gsub("[^\n]", " ")
    end
    while i <= n do
        local j = text:find("[/\"']", i)
        if not j then
            out[#out + 1] = text:sub(i)
            break
        end
        out[#out + 1] = text:sub(i, j - 1)
        local c, two, e = text:sub(j, j), text:sub(j, j + 1)
        if two == "//" then
            e = j
            repeat                       -- a backslash continues the comment
                e = text:find("\n", e + 1, true)
            until not e or text:sub(e - 1, e - 1) ~= "\\"
            e = e and e - 1 or n
            blank(j, e)
        elseif two == "/*" then
            local _, close = text:find("*/", j + 2, true)
            e = close or n
            blank(j, e)
        elseif c == "/" then
            e = j
            out[#out + 1] = "/"
        elseif c == "'" and text:find("^%x", j - 1) and j > 1 and
            text:find("^%x", j + 1) and text:sub(1, j - 1):find("%f[%w]%d%x*$")
        then                             -- a digit separator, 1'000
            e = j
            out[#out + 1] = " "
        else
            e = j + 1
            while e <= n do
                local d = text:sub(e, e)
                if d == "\\" then e = e + 1
                elseif d == c or d == "\n" then break end
                e = e + 1
            end
            e = math.min(e, n)
            if text:sub(e, e) == "\n" then e = e - 1 end
            blank(j, e)
        end
        i = e + 1
    end
    return table.concat(out)
end

-- Line number of each position, by counting once.
local function line_starts(text)
    local t = { 1 }
    for p in text:gmatch("\n()") do t[#t + 1] = p end
    return t
end

local function line_at(starts, pos)
    local a, b = 1, #starts
    while a < b do
        local m = (a + b + 1) // 2
        if starts[m] <= pos then a = m else b = m - 1 end
    end
    return a
end

-- Preprocessor lines blanked too: what is left are declarations.  The arms of
-- an #if after its first are blanked where they would open a brace again.
local function without_directives(mask)
    local lines, out, more = util.lines(mask), {}, false
    local level, skip = 0, nil
    for i, line in ipairs(lines) do
        local word = not more and line:match("^%s*#%s*(%w+)")
        if word then
            if word:find("^if") then level = level + 1
            elseif word == "endif" then
                if skip == level then skip = nil end
                level = level - 1
            elseif word:find("^el") and not skip then skip = level end
        end
        local directive = more or word
        more = directive and line:sub(-1) == "\\"
        out[i] = (directive or skip) and (" "):rep(#line) or line
    end
    local plain = table.concat(out, "\n") .. "\n"
    return (plain:gsub("__attribute__%s*%b()", function(attribute)
        return (attribute:gsub("[^\n]", " "))
    end))
end

local function match_close(mask, open)
    local a = mask:sub(open, open)
    local pattern = a == "(" and "[()]" or a == "[" and "[%[%]]" or "[{}]"
    local depth, p = 0, open
    while true do
        p = mask:find(pattern, p)
        if not p then return nil end
        depth = depth + (mask:sub(p, p) == a and 1 or -1)
        if depth == 0 then return p end
        p = p + 1
    end
end

-- The places at depth 0: list of {from, to} of the declarations in a file,
-- each with its body's opening brace, if it has one.
local function declarations(mask)
    local list, from, p, open = {}, 1, 1, nil
    while true do
        p = mask:find("[;{}]", p)
        if not p then return list end
        local c = mask:sub(p, p)
        if c == "{" then
            local close = match_close(mask, p)
            if not close then return list end
            local head = mask:sub(from, p - 1)
            open = open or p
            if head:find("^%s*extern%s*$") then      -- extern "C" {
                from, open, p = p + 1, nil, p
            elseif head:find("%)[%s%w_()]*$") and not head:find("=") then
                list[#list + 1] = { from = from, to = close, open = open }
                from, open = close + 1, nil
                p = close
            else                                     -- goes on to its `;`
                p = close
            end
        elseif c == ";" then
            list[#list + 1] = { from = from, to = p, open = open }
            from, open = p + 1, nil
        else                                         -- closes extern "C"
            from, open = p + 1, nil
        end
        p = p + 1
    end
end

-- Is `name` what this declaration defines?  Says how well: 1 is best.
local function rank(mask, d, name)
    local head = mask:sub(d.from, (d.open or d.to + 1) - 1)
    local whole = mask:sub(d.from, d.to)
    local word = "%f[%w_]" .. name .. "%f[^%w_]"
    if d.open then
        -- a function: name ( ... ) {
        local a = head:find(word .. "%s*%(")
        if a and not head:find("=") and mask:sub(d.to, d.to) == "}" and
            not head:sub(1, a - 1):find("[(,]") then
            return 1
        end
        for _, kind in ipairs { "struct", "enum", "union" } do
            if head:find("%f[%w_]" .. kind .. "%s+[%w_()%s]-" .. word .. "%s*$")
            then return 1 end
        end
        local tail = mask:sub(match_close(mask, d.open) + 1, d.to)
        if head:find("%f[%w_]typedef%f[^%w_]") and tail:find(word) then
            return 1
        end
        if head:find(word .. "[%s%w%[%]_+*()-]*=") then return 2 end
        if not head:find("=") and tail:find("^[^=]*" .. word) then return 2 end
        return nil
    end
    if whole:find("%f[%w_]typedef%f[^%w_]") and
        (whole:find(word .. "%s*;") or whole:find("%*%s*" .. name .. "%s*%)"))
    then return 2 end
    local eq = whole:find("=", 1, true)
    local at = whole:find(word)
    if eq and at and at < eq and
        not whole:sub(1, at):find("[(]") then return 2 end
    if at and whole:find(word .. "%s*%(") and not eq and
        not whole:sub(1, at):find("[(,]") and
        not whole:find("^%s*return") then return 4 end      -- a prototype
    for _, kind in ipairs { "struct", "enum", "union" } do
        if whole:find("^%s*" .. kind .. "%s+" .. name .. "%s*;") then
            return nil                                      -- only announced
        end
    end
    if at and whole:find("%f[%w_]" .. name .. "%s*[;%[]") and not eq and
        not whole:find("[(]") then return 3 end
    return nil
end

-- Lines that are only comment just above `line` belong to what follows.
local function with_comment(lines, mlines, line)
    while line > 1 and lines[line - 1]:find("%S") and
        not mlines[line - 1]:find("%S") and
        not lines[line - 1]:find("^%s*//[<>] ") do
        line = line - 1
    end
    return line
end

local function find_c(text, name)
    local mask = M.mask(text)
    local lines, mlines = util.lines(text), util.lines(mask)
    local starts = line_starts(text)
    local found, best = {}, 9
    -- a macro
    for i, line in ipairs(mlines) do
        if line:find("^%s*#%s*define%s+" .. name .. "%f[^%w_]") then
            local last = i
            while mlines[last] and mlines[last]:sub(-1) == "\\" do
                last = last + 1
            end
            found[#found + 1] = { i, last }
            best = 1
        end
    end
    local plain = without_directives(mask)
    for _, d in ipairs(declarations(plain)) do
        local r = rank(plain, d, name)
        if r and r <= best then
            if r < best then found, best = {}, r end
            local first = line_at(starts, plain:find("%S", d.from) or d.from)
            found[#found + 1] = { first, line_at(starts, d.to) }
        end
    end
    if #found == 0 then return nil, "no definition of " .. name end
    if #found > 1 then
        return nil, ("%s is defined at lines %d and %d: use a region")
            :format(name, found[1][1], found[2][1])
    end
    return with_comment(lines, mlines, found[1][1]), found[1][2]
end

-- Languages whose comments are lines: where a definition starts and ends.
local LINEWISE = {
    sh = { start = function(l, n) return l:find("^" .. n .. "%s*%(%)") end,
        last = function(l) return l:find("^[})]") end, comment = "^#" },
    lua = { start = function(l, n)
            return l:find("^function%s+[%w_.:]-%f[%w_]" .. n .. "%s*%(") or
                l:find("^local%s+function%s+" .. n .. "%s*%(")
        end,
        last = function(l)
            return l:find("^end") or l:find("^function.*end$")
        end,
        comment = "^%-%-" },
    asm = { start = function(l, n) return l:find("^" .. n .. ":") end,
        comment = "^%s*[#/*;]",
        -- what belongs to the label after it
        global = function(l) return l:find("^%s+%.globa?l%s") end,
        section = function(l)
            return l:find("^%s+%.section%f[%W]") or l:find("^%s+%.text%f[%W]")
                or l:find("^%s+%.data%f[%W]") or l:find("^%s+%.bss%f[%W]")
        end },
    python = { start = function(l, n)
            return l:find("^def%s+" .. n .. "%s*%(") or
                l:find("^class%s+" .. n .. "%f[^%w_]")
        end, comment = "^[#@]" },
}

local function find_linewise(text, name, language)
    local lines, how = util.lines(text), LINEWISE[language]
    local pattern = name:gsub("%.", "%%.")
    for i, line in ipairs(lines) do
        if how.start(line, pattern) then
            local last = i
            if how.last then
                while lines[last] and not how.last(lines[last]) do
                    last = last + 1
                end
                if not lines[last] then return nil, name .. " has no end" end
            else
                -- to what stands at the margin next, without blanks before it
                while lines[last + 1] and
                    not (how.section and how.section(lines[last + 1])) and
                    (not lines[last + 1]:find("^[%a_]") and
                    not lines[last + 1]:find(how.comment .. "[^<>]") or
                    language == "asm" and
                    lines[last + 1]:find("^%s+[#/*;]")) do
                    last = last + 1
                end
                while not lines[last]:find("%S") or
                    how.global and how.global(lines[last]) do
                    last = last - 1
                end
            end
            local first = i
            while how.global and how.global(lines[first - 1] or "") do
                first = first - 1
            end
            while first > 1 and lines[first - 1]:find(how.comment) and
                not lines[first - 1]:find("^[#;/-]+[<>!] ?") do
                first = first - 1
            end
            return first, last
        end
    end
    return nil, "no definition of " .. name
end

local KINDS = { c = "c", h = "c", S = "asm", s = "asm", sh = "sh",
    lua = "lua", py = "python", mk = "make", ld = "ld", ini = "ini",
    scm = "scheme", el = "scheme", dot = "dot", js = "javascript",
    css = "css", md = "markdown", patch = "diff", diff = "diff",
    json = "json", gp = "gnuplot" }
local CLASSES = { asm = "gnuassembler", sh = "bash", make = "makefile",
    ld = "", gnuplot = "" }

-- What a source is written in, and pandoc's name for its colours.
function M.language(path, text)
    local base = path:match("[^/]+$")
    local kind = KINDS[base:match("%.(%w+)$") or ""]
    if base == "Makefile" then kind = "make" end
    if not kind and text and text:find("^#!.*sh%f[^%w]") then kind = "sh" end
    kind = kind or ""
    return kind, CLASSES[kind] or kind
end

-- Markers of regions: `//> name`, `#> name`, `;> name` at the end of a line.
-- Returns the line without it, ">" or "<", and the name.
function M.marker(line)
    local before, sign, name =
        line:match("^(.-)%s*//([<>])%s+([%w_-]+)%s*$")
    if not sign then
        before, sign, name = line:match("^(.-)%s*[#;]+([<>])%s+([%w_-]+)%s*$")
    end
    if not sign then
        before, sign, name =
            line:match("^(.-)%s*/%*([<>])%s+([%w_-]+)%s*%*/%s*$")
    end
    if not sign then return line end
    return before, sign, name
end

-- All regions of a text: name -> {first, last, line}, and what is wrong.
function M.regions(text)
    local found, wrong = {}, {}
    for i, line in ipairs(util.lines(text)) do
        local _, sign, name = M.marker(line)
        if sign == ">" then
            if found[name] then
                wrong[#wrong + 1] = { i, ("region %s begins twice, see line %d")
                    :format(name, found[name].first) }
            else
                found[name] = { first = i }
            end
        elseif sign == "<" then
            if not found[name] then
                wrong[#wrong + 1] = { i, "region " .. name ..
                    " ends and did not begin" }
            elseif found[name].last then
                wrong[#wrong + 1] = { i, "region " .. name .. " ends twice" }
            else
                found[name].last = i
            end
        end
    end
    for name, r in pairs(found) do
        if not r.last then
            wrong[#wrong + 1] = { r.first, "region " .. name ..
                " begins and does not end" }
        end
    end
    return found, wrong
end

-- Take `fn` or `region` or all out of a source.  Returns a list of lines, each
-- {number =, text =}, without markers, without common indentation and without
-- blank lines at the ends; or nil and what is wrong.
function M.take(path, text, want)
    local lines = util.lines(text)
    local first, last = 1, #lines
    if want.fn then
        local kind = M.language(path, text)
        if kind == "c" then
            first, last = find_c(text, want.fn)
        elseif LINEWISE[kind] then
            first, last = find_linewise(text, want.fn, kind)
        else
            return nil, "functions are not known in such a file: use a region"
        end
        if not first then return nil, last .. " in " .. path end
    elseif want.region then
        local r = M.regions(text)[want.region]
        if not (r and r.last) then
            return nil, ("no region %s in %s"):format(want.region, path)
        end
        first, last = r.first, r.last
    end
    local out, indent = {}, nil
    for i = first, last do
        local line, sign = M.marker(lines[i])
        if not (sign and not line:find("%S")) then
            out[#out + 1] = { number = i, text = line }
        end
    end
    while out[1] and not out[1].text:find("%S") do table.remove(out, 1) end
    while out[1] and not out[#out].text:find("%S") do out[#out] = nil end
    if not out[1] then return nil, "nothing to show in " .. path end
    for _, l in ipairs(out) do
        if l.text:find("%S") then
            local s = l.text:match("^[ \t]*")
            if not indent then indent = s end
            while l.text:sub(1, #indent) ~= indent do
                indent = indent:sub(1, -2)
            end
        end
    end
    for _, l in ipairs(out) do l.text = l.text:sub(#indent + 1) end
    return out
end

-- Names of the functions that a C text defines with the name in column 0.
function M.functions(text)
    local names = {}
    for name in ("\n" .. text):gmatch("\n([%a_][%w_]*)%([^;{]*%)[%s%w_]*{") do
        names[#names + 1] = name
    end
    return names
end

return M
