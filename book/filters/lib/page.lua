-- SPDX-License-Identifier: MIT
-- page.lua -- pieces of HTML that render.lua and source.lua share.
local util = require "util"
local M = {}

-- Colour some lines of code; returns a list of HTML lines.  `class` is
-- pandoc's name for the language, or empty.
function M.colour(text, class)
    local plain = util.lines(text)
    local out = {}
    if class ~= "" then
        local html = pandoc.write(pandoc.Pandoc {
            pandoc.CodeBlock(text, pandoc.Attr("", { class }, {})) }, "html")
        local inner = html:match("<code class=\"sourceCode[^>]*>(.*)</code>")
        if inner then
            for line in (inner .. "\n"):gmatch("(.-)\n") do
                line = line:gsub("^<span id=\"[^\"]*\"><a [^>]*></a>(.*)</span>$",
                    "%1")
                out[#out + 1] = line
            end
        end
    end
    if #out ~= #plain then
        for i, line in ipairs(plain) do out[i] = util.escape(line) end
    end
    return out
end

-- The address of a source's page, seen from a chapter.
function M.source_page(path)
    return "src/" .. path:gsub("/", "-") .. ".html"
end

return M
