-- SPDX-License-Identifier: MIT
-- transcript.lua -- read NAME.cmd and NAME.out, the two halves of a recorded
-- run.  Used by render.lua and by scripts/transcripts.lua.
local util = require "util"
local M = {}

-- Is this all of a command, or does it go on in the next line?
local function complete(text)
    if text:find("\\$") or text:find("|%s*$") or text:find("&&%s*$") then
        return false
    end
    local body = text .. "\n"
    for dash, word in text:gmatch("<<(%-?)%s*[\"']?([%a_]+)[\"']?") do
        local close = (dash == "-" and "\n\t*" or "\n") .. word .. "\n"
        if not body:find(close) then return false end
    end
    -- Only what could be unfinished is shown to the shell.
    if not text:find("[\"'`({]") and not text:find("%f[%w]do%f[%W]") and
        not text:find("%f[%w]then%f[%W]") and not text:find("%f[%w]case%f[%W]")
    then
        return true
    end
    local name = os.tmpname()
    util.write(name, body)
    local ok = os.execute("sh -n '" .. name .. "' 2>/dev/null")
    os.remove(name)
    return ok == true
end

-- NAME.cmd: {commands = {text...}, normalise = {...}, one_of =, tty =,
-- limit = seconds, needs = {...}, uses = {...}}, or nil and what is wrong.
function M.parse_cmd(text)
    local t = { commands = {}, normalise = {}, needs = {}, uses = {},
        limit = 600 }
    local head, pending = true, nil
    for number, line in ipairs(util.lines(text)) do
        local key, value = line:match("^#%s*([%a-]+):%s*(.-)%s*$")
        if pending then
            pending = pending .. "\n" .. line
        elseif head and key then
            if key == "normalise" then
                if value:find("^s") and not value:find("^%a+$") then
                    table.insert(t.normalise, value)
                else
                    for word in value:gmatch("%S+") do
                        if word ~= "pid" and word ~= "address" and
                            word ~= "time" then
                            return nil, "normalise: " .. word ..
                                " is not known", number
                        end
                        table.insert(t.normalise, word)
                    end
                end
            elseif key == "needs" or key == "uses" then
                for word in value:gmatch("%S+") do
                    table.insert(t[key], word)
                end
            elseif key == "one-of" and value == "set" then
                t.one_of = true
            elseif key == "tty" and value == "yes" then
                t.tty = true
            elseif key == "limit" and tonumber(value) then
                t.limit = math.tointeger(tonumber(value))
            else
                return nil, "`# " .. key .. ": " .. value ..
                    "' is not known", number
            end
        elseif line:find("^#") or not line:find("%S") then
            goto next
        else
            head = false
            pending = line
        end
        if pending and complete(pending) then
            table.insert(t.commands, pending)
            pending = nil
        end
        ::next::
    end
    if pending then return nil, "the last command is not finished", 1 end
    if #t.commands == 0 then return nil, "there is no command", 1 end
    return t
end

-- A command as a session shows it.
function M.prompt(command) return "$ " .. command:gsub("\n", "\n> ") end

-- NAME.out: a list of outputs, one a command; nil where the commands recorded
-- are others than those given.
function M.parse_out(text, commands)
    local outputs, rest = {}, "\n" .. text
    if not rest:find("\n$") then rest = rest .. "\n" end
    for i, command in ipairs(commands) do
        local shown = "\n" .. M.prompt(command) .. "\n"
        local a, b = rest:find(shown, 1, true)
        if not a or (i == 1 and a ~= 1) then return nil end
        if i > 1 then outputs[i - 1] = rest:sub(2, a) end
        rest = rest:sub(b)
    end
    outputs[#commands] = rest:sub(2)
    return outputs
end

-- The files a run is made from: list of paths, sorted.
function M.inputs(chapter, name, cmd)
    local dir = "book/transcripts/" .. chapter .. "/"
    local seen, list = {}, {}
    local function add(path)
        local text = not seen[path] and util.read(path)
        if not text then return end
        seen[path] = true
        list[#list + 1] = path
        if path:find("%.[ch]$") then
            for header in text:gmatch("\n#include \"([%w_-]+%.h)\"") do
                add(path:match("^.*/") .. header)
            end
        end
    end
    add(dir .. name .. ".cmd")
    for _, command in ipairs(cmd.commands) do
        for program in command:gmatch("%./([%w_-]+)") do
            add("book/programs/" .. chapter .. "/" .. program .. ".c")
        end
        for file in command:gmatch("[%w_-]+%.%a+") do
            add("book/programs/" .. chapter .. "/" .. file)
        end
    end
    for _, path in ipairs(cmd.uses) do
        if not path:find("^build/") then add(path) end
    end
    table.sort(list)
    return list
end

-- What NAME.sum has to hold: size and a checksum (Adler-32) of every input.
function M.sum(list)
    local out = {}
    for _, path in ipairs(list) do
        local text, a, b = util.read(path), 1, 0
        for i = 1, #text do
            a = (a + text:byte(i)) % 65521
            b = (b + a) % 65521
        end
        out[#out + 1] = ("%08x %d %s\n"):format(b << 16 | a, #text, path)
    end
    return table.concat(out)
end

return M
