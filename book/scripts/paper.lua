#!/usr/bin/env lua5.4
-- SPDX-License-Identifier: MIT
-- paper.lua -- join the chapters' bodies (DIR/flat) to one document:
--   paper.lua pdf DIR OUT.html NAME...    one HTML file, for weasyprint
--   paper.lua epub DIR OUTDIR NAME...     the unpacked files of an EPUB, for book.mk
package.path = arg[0]:match("^(.*)/scripts/") .. "/filters/lib/?.lua;" ..
    package.path
local util = require "util"
local mode, dir, out = arg[1], arg[2], arg[3]
local names = table.move(arg, 4, #arg, 1, {})
local escape = util.escape
local TITLE <const> = "Returns Twice"

-- The date of an edition: of the last commit, so that the same text gives the
-- same file; a checkout without git has no date.
local function date()
    local pipe = io.popen("git log -1 --format=%cI 2>/dev/null")
    local text = pipe:read("l")
    pipe:close()
    local y, m, d, clock = (text or ""):match("^(%d+)-(%d+)-(%d+)T([%d:]+)")
    return y and ("%s-%s-%sT%sZ"):format(y, m, d, clock) or
        "2000-01-01T00:00:00Z"
end

local chapters, cover = {}, nil
for i, name in ipairs(names) do
    local refs = util.load(dir .. "/refs/" .. name .. ".lua")
    local c = { name = name, refs = refs,
        body = util.read(dir .. "/flat/" .. name .. ".html") }
    if name == "index" then cover = c else chapters[#chapters + 1] = c end
end

local function heading(c)
    local html = { '<header class="opening">\n' }
    if c.refs.number then
        html[#html + 1] = ('<p class="opening-number">Chapter %s</p>\n')
            :format(escape(c.refs.number))
    end
    html[#html + 1] = ("<h1>%s</h1>\n"):format(escape(c.refs.title))
    if c.refs.question then
        html[#html + 1] = ('<p class="opening-question">%s</p>\n')
            :format(escape(c.refs.question))
    end
    html[#html + 1] = "</header>\n"
    return table.concat(html)
end

-- A list of chapters and sections; address(c, id) tells where they are.
local function contents(address, ol)
    local html = { ol, "\n" }
    for _, c in ipairs(chapters) do
        html[#html + 1] = ('<li><a href="%s">%s%s</a>'):format(address(c),
            c.refs.number and '<span class="number">' .. c.refs.number ..
                "</span> " or "", escape(c.refs.title))
        local sections = {}
        for _, s in ipairs(c.refs.sections) do
            if s.level == 2 then
                sections[#sections + 1] = ('<li><a href="%s">%s%s</a></li>\n')
                    :format(address(c, s.id), s.number and
                        '<span class="number">' .. s.number .. "</span> " or "",
                        escape(s.title))
            end
        end
        if #sections > 0 then
            html[#html + 1] = "\n<ol>\n" .. table.concat(sections) .. "</ol>\n"
        end
        html[#html + 1] = "</li>\n"
    end
    html[#html + 1] = "</ol>\n"
    return table.concat(html)
end

local function pdf()
    local html = { ([[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>%s</title>
<meta name="author" content="The authors of Returns Twice">
</head>
<body>
<section class="cover"><h1 class="cover-title">%s</h1>
%s</section>
<nav class="contents"><h1>Contents</h1>
%s</nav>
]]):format(TITLE, TITLE, cover.body, contents(function(c, id)
        return "#" .. (id or "ch-" .. c.name)
    end, "<ol>")) }
    for _, c in ipairs(chapters) do
        local body = c.body:gsub('href="([%w-]+)%.html(#?[^"]*)"',
            function(name, id)
                return ('href="%s"'):format(id ~= "" and id or "#ch-" .. name)
            end)
        html[#html + 1] = ('<section class="chapter" id="ch-%s">\n%s%s' ..
            '</section>\n'):format(c.name, heading(c), body)
    end
    html[#html + 1] = "</body>\n</html>\n"
    util.write(out, table.concat(html))
end

local PAGE <const> = [[
<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml"
  xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head>
<title>%s</title>
<link rel="stylesheet" type="text/css" href="epub.css" />
</head>
<body>
%s</body>
</html>
]]

local function epub()
    assert(os.execute(("rm -rf '%s' && mkdir -p '%s/META-INF' '%s/OEBPS'")
        :format(out, out, out)))
    local function put(name, text) util.write(out .. "/" .. name, text) end
    put("mimetype", "application/epub+zip")
    put("META-INF/container.xml", [[
<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles>
<rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/>
</rootfiles>
</container>
]])
    put("OEBPS/epub.css", util.read "book/print/epub.css")
    put("OEBPS/cover.xhtml", PAGE:format(TITLE,
        ('<section epub:type="titlepage" class="cover">\n<h1>%s</h1>\n%s' ..
        '</section>\n'):format(TITLE, cover.body)))
    put("OEBPS/nav.xhtml", PAGE:format("Contents",
        '<nav epub:type="toc" id="toc">\n<h1>Contents</h1>\n' ..
        contents(function(c, id)
            return c.name .. ".xhtml" .. (id and "#" .. id or "")
        end, "<ol>") .. "</nav>\n"))
    local manifest, spine = {}, {}
    for i, c in ipairs(chapters) do
        local body = c.body:gsub('href="([%w-]+)%.html(#?[^"]*)"',
            'href="%1.xhtml%2"')
        put("OEBPS/" .. c.name .. ".xhtml", PAGE:format(escape(c.refs.title),
            '<section epub:type="chapter">\n' .. heading(c) .. body ..
            "</section>\n"))
        local properties = {}
        if body:find("<svg", 1, true) then properties[1] = "svg" end
        if body:find("<math", 1, true) then
            properties[#properties + 1] = "mathml"
        end
        manifest[i] = ('<item id="c%d" href="%s.xhtml" ' ..
            'media-type="application/xhtml+xml"%s/>\n'):format(i, c.name,
            #properties > 0 and ' properties="' ..
                table.concat(properties, " ") .. '"' or "")
        spine[i] = ('<itemref idref="c%d"/>\n'):format(i)
    end
    put("OEBPS/content.opf", ([[
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0"
  unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:x-returns-twice:book</dc:identifier>
<dc:title>%s</dc:title>
<dc:language>en</dc:language>
<dc:creator>The authors of Returns Twice</dc:creator>
<meta property="dcterms:modified">%s</meta>
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>
<item id="css" href="epub.css" media-type="text/css"/>
%s</manifest>
<spine>
<itemref idref="cover"/>
<itemref idref="nav"/>
%s</spine>
</package>
]]):format(TITLE, date(), table.concat(manifest), table.concat(spine)))
end

if mode == "pdf" then pdf() else epub() end
