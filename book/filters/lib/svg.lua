-- SPDX-License-Identifier: MIT
-- svg.lua -- make the drawings of graphviz, of gnuplot and of our own programs
-- fit to stand inline in a page: no prologue, ids unique in the book, colours
-- that follow the page.
local util = require "util"
local M = {}

-- What figures may be drawn in.  Strong colours are for lines and for small
-- areas, soft ones for areas that text is written on.
local STRONG = { "#0b62a4", "#b5460f", "#1b7f4b", "#8a3ea8", "#5f6b00",
    "#00717d", "#a61b3c", "#5a5f66" }
local SOFT = { "#d6e6f5", "#fbe0d0", "#d5efdf", "#ecdcf4", "#eceec5",
    "#cfecef", "#f9d7de", "#e6e7e9" }

local NAMES = {}
for i = 1, 8 do
    NAMES[STRONG[i]] = ("var(--fig-%d, %s)"):format(i, STRONG[i])
    NAMES[SOFT[i]] = ("var(--fig-soft-%d, %s)"):format(i, SOFT[i])
end
for _, c in ipairs { "black", "#000000", "#000", "rgb(0,0,0)", "gray0" } do
    NAMES[c] = "currentColor"
end
for _, c in ipairs { "white", "#ffffff", "#fff", "rgb(255,255,255)" } do
    NAMES[c] = "var(--fig-paper, #ffffff)"
end
for _, c in ipairs { "grey", "gray", "#808080", "#c0c0c0", "#bebebe" } do
    NAMES[c] = "var(--fig-grey, #767676)"
end
for _, c in ipairs { "lightgrey", "lightgray", "#d3d3d3" } do
    NAMES[c] = NAMES[SOFT[8]]
end

for _, c in ipairs { "none", "transparent", "currentcolor", "inherit" } do
    NAMES[c] = false            -- left as it is
end

local strange                   -- the first colour that is not in the list

local function themed(colour)
    local c = colour:lower():gsub("%s", "")
    local r, g, b = c:match("^rgb%((%d+),(%d+),(%d+)%)$")
    if r then c = ("#%02x%02x%02x"):format(r, g, b) end
    if NAMES[c] == nil and not c:find("^url%(") and
        not c:find("^var%(") then strange = strange or c end
    return NAMES[c]
end

local function colours(svg)
    for _, what in ipairs { "fill", "stroke", "color" } do
        svg = svg:gsub("(%s)" .. what .. "%s*=%s*([\"'])(.-)%2",
            function(space, _, value)
                local t = themed(value)
                return t and ("%sstyle=%q"):format(space, what .. ":" .. t)
            end)
        svg = svg:gsub("([%s\"';])" .. what .. "%s*:%s*([^;\"']+)",
            function(before, value)
                local t = themed(value)
                return t and before .. what .. ":" .. t
            end)
    end
    -- an element has one style attribute only
    return (svg:gsub("<[^>]+>", function(tag)
        local styles = {}
        for s in tag:gmatch("%sstyle%s*=%s*\"(.-)\"") do
            styles[#styles + 1] = s:gsub(";%s*$", "")
        end
        if #styles < 2 then return nil end
        tag = tag:gsub("%sstyle%s*=%s*\".-\"", "")
        return (tag:gsub("^(<[%w:]+)", function(open)
            return open .. ' style="' .. table.concat(styles, ";") .. '"'
        end))
    end))
end

-- gnuplot's points are defined once in currentColor, and used in a colour.
-- weasyprint 57 cannot resolve that: here the definitions have no colour, and
-- take that of their use.
local function for_paper(svg)
    svg = svg:gsub("<defs>.-</defs>", function(defs)
        return (defs:gsub("%s%a+%s*=%s*[\"']currentColor[\"']", ""))
    end)
    return (svg:gsub("(<use[^>]-)%scolor%s*=%s*([\"'])(.-)%2",
        "%1 fill=%2%3%2 stroke=%2%3%2"))
end

-- Text of an SVG file -> an <svg> element with a text alternative.  `id` is the
-- figure's; `plain` leaves the colours alone (for paper).
function M.inline(svg, id, alt, plain)
    local start = svg:find("<svg[%s>]")
    if not start then return nil, "has no <svg> in it" end
    svg = svg:sub(start):gsub("<!%-%-.-%-%->", "")
    svg = svg:gsub("<title>.-</title>%s*", ""):gsub("<desc>.-</desc>%s*", "")
    svg = svg:gsub("%s+$", "")
    -- ids
    local pre = id:gsub("[^%w]", "-") .. "-"
    svg = svg:gsub("(%sid%s*=%s*[\"'])([^\"']+)", "%1" .. pre .. "%2")
    svg = svg:gsub("(href%s*=%s*[\"']#)", "%1" .. pre)
    svg = svg:gsub("(url%([\"']?#)", "%1" .. pre)
    -- the tag itself
    local tag, rest = svg:match("^(<svg.->)(.*)$")
    local width = tag:match("%swidth%s*=%s*\"([%d.]+)")
    local height = tag:match("%sheight%s*=%s*\"([%d.]+)")
    local box = tag:match("viewBox%s*=%s*\"([^\"]+)\"")
    if not box then
        if not (width and height) then
            return nil, "has neither viewBox nor size"
        end
        box = "0 0 " .. width .. " " .. height
    end
    -- graphviz means points; taken as px, its labels of 13 suit text of 18.
    local px = tonumber(width or box:match("^%S+ %S+ (%S+)"))
    if plain then px = px * .82 end    -- so do they on paper, beside 10.5 pt
    local vw, vh = box:match("^%S+%s+%S+%s+(%S+)%s+(%S+)")
    local xlink = rest:find("xlink:", 1, true) and
        ' xmlns:xlink="http://www.w3.org/1999/xlink"' or ""
    tag = ('<svg xmlns="http://www.w3.org/2000/svg"%s viewBox="%s" ' ..
        'width="%d" height="%d" fill="currentColor" role="img" ' ..
        'aria-labelledby="%salt">')
        :format(xlink, box, math.floor(px + .5),
            math.floor(px * tonumber(vh) / tonumber(vw) + .5), pre)
    svg = tag .. ('<title id="%salt">%s</title>'):format(pre, util.escape(alt))
        .. rest
    strange = nil
    local themed_svg = colours(svg)
    if strange then
        return nil, "draws in " .. strange ..
            ", which does not change with the page (filters/lib/svg.lua)"
    end
    return plain and for_paper(svg) or themed_svg
end

return M
