#!/usr/bin/env lua5.4
-- SPDX-License-Identifier: MIT
-- transcripts.lua -- record runs, and run them again to compare.  Called by
-- book.mk, from the top directory:
--   transcripts.lua record RUNSCRIPT BUILD [CHAPTER-NAME]   all, or that one
--   transcripts.lua check RUNSCRIPT BUILD                   prints TAP
-- BUILD holds the programs (build/book/programs).
package.path = arg[0]:match("^(.*)/scripts/") .. "/filters/lib/?.lua;" ..
    package.path
local util = require "util"
local transcript = require "transcript"

local mode, runscript, build, only = arg[1], arg[2], arg[3], arg[4]
local MARK = "\1"

local function quote(s) return "'" .. s:gsub("'", "'\\''") .. "'" end

local function output_of(command)
    local pipe = assert(io.popen(command))
    local text = pipe:read("a")
    local _, _, code = pipe:close()
    return text, code or 0
end

local function run_ok(command)
    assert(os.execute(command), command .. ": failed")
end

-- All transcripts: list of {chapter =, name =}.
local function all()
    local list = {}
    local paths = output_of("ls book/transcripts/*/*.cmd 2>/dev/null")
    for chapter, name in paths:gmatch("book/transcripts/([^/\n]+)/([^/\n]+)%.cmd")
    do
        list[#list + 1] = { chapter = chapter, name = name,
            base = "book/transcripts/" .. chapter .. "/" .. name }
    end
    return list
end

-- What cannot stand in a page is shown as a terminal shows it.
local function printable(text)
    text = text:gsub("[%z\1-\8\11-\31\127]", function(c)
        return "^" .. string.char(c:byte() ~ 64)
    end)
    while true do
        local ok, bad = utf8.len(text)
        if ok then return text end
        text = text:sub(1, bad - 1) .. ("<%02x>"):format(text:byte(bad)) ..
            text:sub(bad + 1)
    end
end

-- Run a transcript's commands in a new scratch directory.  Returns the list of
-- outputs, or nil and why not.
local function run(t, cmd)
    local scratch = output_of("mktemp -d"):gsub("\n", "")
    local home = scratch .. "/reader"
    run_ok("mkdir " .. quote(home))
    local programs = build .. "/" .. t.chapter
    local sources = "book/programs/" .. t.chapter
    if util.exists(sources) then
        run_ok(("cp -pR %s/. %s"):format(quote(sources), quote(home)))
    end
    if util.exists(programs) then
        run_ok(("find %s -maxdepth 1 -type f ! -name '*.d' -exec cp -p {} %s \\;")
            :format(quote(programs), quote(home)))
    end
    for _, path in ipairs(cmd.uses) do
        run_ok(("cp -pR %s %s"):format(quote(path), quote(home)))
    end
    local script = { "_mark() { printf '\\001'; return $1; }" }
    for _, command in ipairs(cmd.commands) do
        script[#script + 1] = "_mark $?"
        script[#script + 1] = command
    end
    util.write(scratch .. "/script", table.concat(script, "\n") .. "\n")
    local text, code = output_of(("%s %s %d %s %s"):format(quote(runscript),
        cmd.tty and "-t" or "", cmd.limit, quote(home),
        quote(scratch .. "/script")))
    run_ok("chmod -R u+rwX " .. quote(scratch) .. " && rm -rf " ..
        quote(scratch))
    if code ~= 0 then
        return nil, code == 124 and ("ran longer than %d s"):format(cmd.limit)
            or code == 125 and "printed more than 1 MiB"
            or "could not be run"
    end
    local function plain(s)
        local from = 1
        while true do
            local a, b = s:find(home, from, true)
            if not a then return s end
            s = s:sub(1, a - 1) .. "/home/reader" .. s:sub(b + 1)
        end
    end
    local outputs = {}
    for part in (text .. MARK):gmatch("([^\1]*)\1") do
        part = printable(plain(part))
        if part ~= "" and part:sub(-1) ~= "\n" then part = part .. "\n" end
        outputs[#outputs + 1] = part
    end
    table.remove(outputs, 1)            -- before the first mark: nothing
    if #outputs ~= #cmd.commands then
        return nil, ("the shell ended after command %d of %d"):format(
            #outputs, #cmd.commands)
    end
    return outputs
end

local function session_text(cmd, outputs)
    local out = {}
    for i, command in ipairs(cmd.commands) do
        out[#out + 1] = transcript.prompt(command) .. "\n" .. outputs[i]
    end
    return table.concat(out)
end

-- Numbers of one kind get names by first appearance, so that two that are
-- equal stay equal, and two that are not stay apart.
local function naming(kind)
    local names, n = {}, 0
    return function(s)
        if not names[s] then
            n = n + 1
            names[s] = ("<%s%d>"):format(kind, n)
        end
        return names[s]
    end
end

local function normalise(text, how)
    for _, kind in ipairs(how) do
        if kind == "address" then
            local name = naming "address"
            text = text:gsub("0x%x%x%x%x%x+", name)
            text = text:gsub("%f[%w]%x%x%x%x%x%x%x%x%x%x%x%x+%f[%W]", name)
        elseif kind == "time" then
            text = text:gsub("%f[%w]%d+:%d%d:%d%d[%d.]*", "<time>")
            text = text:gsub("%f[%w]%d+:%d%d%f[%D]", "<time>")
            for _, unit in ipairs { "ns", "us", "µs", "ms", "s", "seconds" } do
                text = text:gsub("%f[%w]%d+%.?%d*( ?)" .. unit .. "%f[%W]",
                    "<time>%1" .. unit)
            end
            text = text:gsub("%f[%w]%d+m%d+%.%d+s", "<time>")
        elseif kind == "pid" then
            local name = naming "pid"
            text = text:gsub("%f[%w_.](%d%d%d+)%f[^%w_]", function(s)
                return #s <= 7 and name(s) or nil
            end)
        else
            local path = os.tmpname()
            util.write(path, text)
            local code
            text, code = output_of(("LC_ALL=C.UTF-8 sed -e %s %s"):format(
                quote(kind), path))
            os.remove(path)
            assert(code == 0, "sed does not understand " .. kind)
        end
    end
    if #how > 0 then text = text:gsub(" +", " ") end
    return text
end

local function in_set(t, cmd, outputs)
    local text = util.read(t.base .. ".set")
    if not text then return false, t.base .. ".set is missing" end
    local got = normalise(table.concat(outputs), cmd.normalise)
    local n, member = 0, {}
    local lines = util.lines(text)
    lines[#lines + 1] = "----"
    for _, line in ipairs(lines) do
        if line == "----" then
            n = n + 1
            local whole = table.concat(member)
            if normalise(whole, cmd.normalise) == got then return true end
            member = {}
        else
            member[#member + 1] = line .. "\n"
        end
    end
    return false, ("not one of the %d outputs in %s.set:\n%s"):format(n,
        t.base, got)
end

local function lacks(cmd)
    for _, tool in ipairs(cmd.needs) do
        if not os.execute("command -v " .. quote(tool) .. " >/dev/null 2>&1")
        then return tool end
    end
end

local function parsed(t)
    local cmd, why, line = transcript.parse_cmd(util.read(t.base .. ".cmd"))
    if not cmd then return nil, ("%s.cmd:%d: %s"):format(t.base, line, why) end
    for _, path in ipairs(cmd.uses) do
        if not util.exists(path) then
            return nil, t.base .. ".cmd uses " .. path .. ", which is not there"
        end
    end
    return cmd
end

local function record(t)
    local cmd, why = parsed(t)
    if not cmd then return why end
    local tool = lacks(cmd)
    if tool then return t.base .. ".cmd needs " .. tool end
    local outputs
    outputs, why = run(t, cmd)
    if not outputs then return t.base .. ".cmd: " .. why end
    if cmd.one_of then
        local ok
        ok, why = in_set(t, cmd, outputs)
        if not ok then return t.base .. ".cmd: " .. why end
    end
    -- A recording that says the same stays as it is: no noise in a commit.
    local text = session_text(cmd, outputs)
    local old = util.read(t.base .. ".out")
    if not old or cmd.one_of and not transcript.parse_out(old, cmd.commands) or
        not cmd.one_of and normalise(old, cmd.normalise) ~=
        normalise(text, cmd.normalise)
    then
        util.write(t.base .. ".out", text)
        print("recorded " .. t.base .. ".out")
    end
    util.write_changed(t.base .. ".sum",
        transcript.sum(transcript.inputs(t.chapter, t.name, cmd)))
end

-- The first line that differs.
local function difference(want, got)
    local a, b = util.lines(want), util.lines(got)
    for i = 1, math.max(#a, #b) do
        if a[i] ~= b[i] then
            return ("line %d: recorded %s, now %s"):format(i,
                a[i] and "`" .. a[i] .. "'" or "nothing",
                b[i] and "`" .. b[i] .. "'" or "nothing")
        end
    end
    return "differs"
end

local function check(t)
    local cmd, why = parsed(t)
    if not cmd then return why end
    local tool = lacks(cmd)
    if tool then return nil, "needs " .. tool end
    local old = util.read(t.base .. ".out")
    if not old then return "never recorded: make record" end
    local recorded = transcript.parse_out(old, cmd.commands)
    if not recorded then
        return "the recording holds other commands: make record"
    end
    for _ = 1, cmd.one_of and 3 or 1 do
        local outputs
        outputs, why = run(t, cmd)
        if not outputs then return why end
        local ok = true
        if cmd.one_of then
            ok, why = in_set(t, cmd, outputs)
            if ok then
                ok, why = in_set(t, cmd, recorded)
                why = why and "the recording is " .. why
            end
        else
            local want = normalise(old, cmd.normalise)
            local got = normalise(session_text(cmd, outputs), cmd.normalise)
            ok, why = want == got, want ~= got and difference(want, got)
        end
        if not ok then return why end
    end
end

local list = all()
if mode == "record" then
    local failed, met = false, false
    for _, t in ipairs(list) do
        if not only or only == t.chapter .. "-" .. t.name then
            met = true
            local why = record(t)
            if why then
                io.stderr:write(why, "\n")
                failed = true
            end
        end
    end
    if only and not met then
        -- those of the chapter that was meant, if one was
        local names = {}
        for _, t in ipairs(list) do
            if only:sub(1, #t.chapter) == t.chapter then
                table.insert(names, "  make record-" .. t.chapter .. "-" ..
                    t.name .. "\n")
            end
        end
        io.stderr:write(("there is no transcript %s; %s\n"):format(only,
            #names > 0 and "there are" or "record-NN-name-NAME records " ..
            "book/transcripts/NN-name/NAME.cmd"), table.concat(names))
        failed = true
    end
    os.exit(not failed)
end
print("1.." .. #list)
for i, t in ipairs(list) do
    local why, skip = check(t)
    print(("%s %d - %s/%s%s"):format(why and "not ok" or "ok", i, t.chapter,
        t.name, skip and " # SKIP " .. skip or ""))
    if why then print("# " .. why:gsub("\n", "\n# ")) end
end
