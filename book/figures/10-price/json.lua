-- SPDX-License-Identifier: MIT
-- json.lua -- columns for gnuplot out of bench-fork's and store's JSON:
--   json.lua FILE machine                       the machine, a line
--   json.lua FILE rows WAY HOLDS WRITER GROUP   x, median, quarters (core, us)
--   json.lua FILE fit                           measured, fitted, off by (part)
--   json.lua FILE store KIND NUMBER             ms, worst wait in us
local file, what = arg[1], arg[2]

local function parse(text)
    local at = 1
    local value
    local function skip() at = text:find("%S", at) or #text + 1 end
    local function list(close, each)
        at = at + 1
        skip()
        while text:sub(at, at) ~= close do
            each()
            skip()
            if text:sub(at, at) == "," then at = at + 1 end
            skip()
        end
        at = at + 1
    end
    function value()
        skip()
        local c = text:sub(at, at)
        if c == "{" then
            local t = {}
            list("}", function()
                local key = value()
                skip()
                at = at + 1
                t[key] = value()
            end)
            return t
        elseif c == "[" then
            local t = {}
            list("]", function() t[#t + 1] = value() end)
            return t
        elseif c == '"' then
            local s, e = text:match('^"([^"\\]*)"()', at)
            at = assert(e, "a string that this reader does not know")
            return s
        end
        local s, e = text:match("^([%w%.%-+]+)()", at)
        at = assert(e, "no value at " .. at)
        return tonumber(s) or s
    end
    return value()
end

local f = assert(io.open(file))
local data = parse(f:read("a"))
f:close()

if what == "machine" then
    print(("%s, %s"):format(data.machine.cpu,
        data.machine.kernel))
elseif what == "rows" then
    for _, r in ipairs(data.rows) do
        if r.way == arg[3] and r.holds == arg[4] and r.writer == arg[5] and
            r.group == arg[6] and r.core_us then
            print(r.x, r.core_us.median, r.core_us.p25, r.core_us.p75)
        end
    end
elseif what == "fit" then
    for _, r in ipairs(data.fit.residuals or {}) do
        print(r.measured_us, r.fitted_us, r.relative)
    end
elseif what == "store" then
    for _, s in ipairs(data.saves) do
        if s.kind == arg[3] and s.number == tonumber(arg[4]) then
            for _, w in ipairs(s.worst) do
                if w.us > 0 then print(w.ms, w.us) end
            end
        end
    end
end
