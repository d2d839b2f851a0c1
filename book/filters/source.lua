-- SPDX-License-Identifier: MIT
-- source.lua -- pandoc filter: the page of one source file, with a line number
-- to link to on every line.  In the environment: BOOK_SOURCE, BOOK_REFS (the
-- chapters), BOOK_SHOWN (the listings taken from this file).
local here = PANDOC_SCRIPT_FILE:match("^(.*)/") or "."
package.path = here .. "/lib/?.lua;" .. package.path
local util = require "util"
local extract = require "extract"
local page = require "page"

function Pandoc(doc)
    local path = os.getenv "BOOK_SOURCE"
    local text = util.read(path)
    local _, class = extract.language(path, text)
    local html = page.colour(text:gsub("\n+$", ""), class)
    for i, line in ipairs(html) do
        html[i] = ('<span class="line" id="L%d" data-line="%d">%s</span>')
            :format(i, i, line)
    end
    local shown = {}
    for i, l in ipairs(util.load(os.getenv "BOOK_SHOWN")) do
        shown[i] = ('<a class="ref" href="../%s">Listing\u{a0}%s</a>')
            :format(l.href, l.number)
    end
    doc.blocks = { pandoc.RawBlock("html", #shown > 0 and
        '<p class="shown">Shown as ' .. table.concat(shown, ", ") .. ".</p>" or
        ""), pandoc.RawBlock("html", ('<pre class="source"><code ' ..
        'class="sourceCode%s">%s\n</code></pre>'):format(
            class ~= "" and " " .. class or "", table.concat(html, "\n"))) }
    local chapters = pandoc.List {}
    for _, c in ipairs(util.load(os.getenv "BOOK_REFS").chapters) do
        chapters:insert({ file = c.file, title = c.title, number = c.number })
    end
    doc.meta = pandoc.Meta { title = path, pagetitle = path, lang = "en",
        root = "../", chapters = chapters, ["is-source"] = true,
        ["source-path"] = path,
        file = page.source_page(path) }
    return doc
end
