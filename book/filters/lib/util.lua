-- SPDX-License-Identifier: MIT
-- util.lua -- files, saved tables and complaints, for the filters (Lua 5.3 and
-- 5.4 inside pandoc) and for the scripts (lua5.4).
local M = {}

-- The whole of a file, or nil.
function M.read(path)
    local f = io.open(path, "rb")
    if not f then return nil end
    local s = f:read("a")
    f:close()
    return s        -- nil for a directory
end

-- Write, through a neighbour, so that nobody ever sees half a file.
function M.write(path, text)
    local part = path .. ".part"
    local f = assert(io.open(part, "wb"))
    f:write(text)
    assert(f:close())
    assert(os.rename(part, path))
end

-- Write only where the content differs; says whether it did.
function M.write_changed(path, text)
    if M.read(path) == text then return false end
    M.write(path, text)
    return true
end

-- Lines without their newlines.  A last line without one counts.
function M.lines(text)
    local t = {}
    for line in (text .. "\n"):gmatch("(.-)\r?\n") do t[#t + 1] = line end
    if t[#t] == "" then t[#t] = nil end
    return t
end

function M.exists(path)
    local f = io.open(path, "rb")
    if f then f:close() end
    return f ~= nil
end

local function keys(t)
    local ks = {}
    for k in pairs(t) do ks[#ks + 1] = k end
    table.sort(ks, function(a, b)
        if type(a) == type(b) then return a < b end
        return type(a) == "number"
    end)
    return ks
end
M.keys = keys

-- What a chapter's own ids begin with: 01, or 01a for the answers to it.
function M.short(chapter)
    return chapter:match("^%w+") .. (chapter:find("%-answers$") and "a" or "")
end

-- Plain data as Lua text, the same text for the same data.
local function dump(v, indent)
    if type(v) ~= "table" then
        return type(v) == "string" and ("%q"):format(v):gsub("\\\n", "\\n")
            or tostring(v)
    end
    local inner = indent .. " "
    local out = { "{\n" }
    for _, k in ipairs(keys(v)) do
        local key = type(k) == "string" and ("[%q]"):format(k)
            or ("[%s]"):format(k)
        out[#out + 1] = inner .. key .. " = " .. dump(v[k], inner) .. ",\n"
    end
    out[#out + 1] = indent .. "}"
    return table.concat(out)
end

function M.dump(v) return "return " .. dump(v, "") .. "\n" end

function M.load(path)
    local text = M.read(path)
    return text and assert(load(text, "@" .. path, "t", {}))()
end

-- Text to be used as an HTML text or attribute.
function M.escape(s)
    return (s:gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;",
        [">"] = "&gt;", ['"'] = "&quot;" }))
end

function M.json(s)
    return '"' .. s:gsub('[%c"\\<\127]', function(c)
        return ("\\u%04x"):format(c:byte())
    end) .. '"'
end

-- ---------------------------------------------------------------- complaints
-- A list of complaints about one source file; places are found by looking for
-- what the author wrote, since pandoc does not tell positions.
local Complaints = {}
Complaints.__index = Complaints

function M.complaints(path)
    return setmetatable({ path = path, text = M.read(path) or "", list = {},
        seen = {} }, Complaints)
end

-- The line of the nth occurrence of a plain text (n from 1); 1 if there is
-- none.  Where `word`, it must not go on with a letter or a digit.
function Complaints:line(needle, n, word)
    local from, line, pos = 1, 1, 1
    n = n or 1
    while true do
        local a, b = self.text:find(needle, from, true)
        if not a then return 1 end
        if not (word and self.text:find("^[%w_]", b + 1) or
            word and self.text:find("^[-:.][%w_]", b + 1)) then
            n = n - 1
            if n == 0 then
                local _, newlines = self.text:sub(1, a):gsub("\n", "")
                return newlines + 1
            end
        end
        from = b + 1
    end
end

-- Complain at the next occurrence of `needle` that has not been complained at.
function Complaints:at(needle, message)
    local key = needle .. "\0" .. message
    self.seen[key] = (self.seen[key] or 0) + 1
    local line = self:line(needle, self.seen[key], true)
    if line == 1 and self.seen[key] > 1 then line = self:line(needle) end
    if line == 1 then line = self:line(needle) end
    self:add(line, message)
end

function Complaints:add(line, message, path)
    self.list[#self.list + 1] =
        ("%s:%d: %s"):format(path or self.path, line, message)
end

function Complaints:save(path)
    M.write(path, table.concat(self.list, "\n") ..
        (#self.list > 0 and "\n" or ""))
end

return M
