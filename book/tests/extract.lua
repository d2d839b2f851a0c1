-- SPDX-License-Identifier: MIT
-- extract.lua -- prove filters/lib/extract.lua on C that is hard to cut.
-- Prints TAP.  Run by tests/run: lua5.4 book/tests/extract.lua
package.path = "book/filters/lib/?.lua;" .. package.path
local util = require "util"
local extract = require "extract"
local transcript = require "transcript"

local text = util.read "book/tests/tricky.c"
local lines = util.lines(text)
local count, failed = 0, 0

local function ok(good, name, detail)
    count = count + 1
    print((good and "ok %d - %s" or "not ok %d - %s"):format(count, name))
    if not good then
        failed = failed + 1
        print("# " .. tostring(detail):gsub("\n", "\n# "))
    end
end

-- The definition's first and last lines, as they stand in the file.
local function cut(name, first, last)
    local got, why = extract.take("tricky.c", text, { fn = name })
    if not got then return ok(false, name, why) end
    local a, b = lines[got[1].number], lines[got[#got].number]
    ok(a == first and b == last, "cuts " .. name, ("expected\n%s\n%s\ngot\n%s\n%s")
        :format(first, last, a, b))
end

local function refuse(name, message)
    local got, why = extract.take("tricky.c", text, { fn = name })
    ok(not got and why:find(message, 1, true), "refuses " .. name,
        got and "found it at line " .. got[1].number or why)
end

cut("ONE", "#define ONE 1", "#define ONE 1")
cut("TWO", "// Two lines and a brace.", "    } while (0)")
cut("helper", "/* A comment of",
    [[static inline int helper(void) { return '{' + "}{"[0] + '\''; }]])
cut("split_type", "// Adds; says \"{\" nowhere /* here", "}")
cut("point", "struct point { int x, y; };", "struct point { int x, y; };")
cut("list", "// A list.", "} list_t, *list_p;")
cut("list_t", "// A list.", "} list_t, *list_p;")
cut("colour", "enum colour {", "} __attribute__((packed));")
cut("names", "const char *const names[] = {", "};")
cut("counter", "int counter;", "int counter;")
cut("origin", "static const struct point origin = { 0, 0 };",
    "static const struct point origin = { 0, 0 };")
cut("declared", "int declared(int);", "int declared(int);")
cut("either", "int", "}")
cut("kr_braces", "int kr_braces(void) {", "}")
cut("attributed", "__attribute__((noreturn)) static void", "}")
cut("handler", "typedef int (*handler)(int);", "typedef int (*handler)(int);")
cut("in_extern", "int in_extern(void)", "}")
cut("last", "int", "}")
refuse("commented", "no definition of commented in tricky.c")
refuse("callback", "no definition of callback")
refuse("later", "no definition of later")
refuse("twice_defined", "twice_defined is defined at lines")

local function number_of(name)
    return extract.take("tricky.c", text, { fn = name })[1].number
end
ok(lines[number_of "either" + 1] == "either(int a)",
    "takes the first arm of an #if", lines[number_of "either" + 1])

local function texts(got)
    local t = {}
    for i, l in ipairs(got or {}) do t[i] = l.text end
    return table.concat(t, "|")
end
local inner = texts(extract.take("tricky.c", text, { region = "inner" }))
ok(inner == "int x = 0;|x++;|if (x) {|    x--;|}|return x;",
    "a region, without its markers and those in it, moved to the margin", inner)
local deeper = texts(extract.take("tricky.c", text, { region = "deeper" }))
ok(deeper == "x--;", "a region whose first line is only its marker", deeper)
local got, why = extract.take("tricky.c", text, { region = "none" })
ok(not got and why == "no region none in tricky.c", "no such region", why)
local last = texts(extract.take("tricky.c", text, { fn = "last" }))
ok(not last:find("[<>]"), "markers are not shown in a function either", last)
local _, wrong = extract.regions("a //> x\nb //> x\nc //< y\nd //< x\ne //< x\n")
ok(#wrong == 3, "regions: begun twice, ended twice, never begun", #wrong)
_, wrong = extract.regions("a //> x\n")
ok(#wrong == 1 and wrong[1][2] == "region x begins and does not end",
    "a region that does not end", wrong[1] and wrong[1][2])

local sh = "#!/bin/sh\n# Says hi.\nhi() {\n    echo \"}\"\n}\nhi #> call\nhi #< call\n"
local function range(path, source, want)
    local g, w = extract.take(path, source, want)
    return g and g[1].number .. "-" .. g[#g].number or w
end
ok(range("run", sh, { fn = "hi" }) == "2-5", "a function in sh",
    range("run", sh, { fn = "hi" }))
ok(range("run", sh, { region = "call" }) == "6-7", "a region in sh")
local asm = "# Entry: ring 0.\n.global entry\nentry:\n    ret\n\n# Next.\nnext:\n" ..
    "    nop\n1:  jmp 1b\n"
ok(range("x.S", asm, { fn = "entry" }) == "3-4", "a label in assembly",
    range("x.S", asm, { fn = "entry" }))
ok(range("x.S", asm, { fn = "next" }) == "6-9",
    "a label with its comment, local labels included",
    range("x.S", asm, { fn = "next" }))
local sections = "// First.\n        .globl  a\na:\n        ret\n" ..
    "        .globl  b\nb:\n        nop\n\n        .section .rodata\n" ..
    "        .balign 8\nc:\n        .quad 1\n"
ok(range("x.S", sections, { fn = "a" }) == "1-4",
    "a label with its .globl and the comment above, not the next one's",
    range("x.S", sections, { fn = "a" }))
ok(range("x.S", sections, { fn = "b" }) == "5-7",
    "a label ends where its section ends",
    range("x.S", sections, { fn = "b" }))
ok(range("x.py", "import x\n\ndef f(a):\n    return 1\n\n\ndef g():\n  pass\n",
    { fn = "f" }) == "3-4", "a function in Python")
local mk = "all:\n\techo #> r\n\techo\n\techo #< r\n"
ok(range("Makefile", mk, { region = "r" }) == "2-4", "a region in a makefile")
ok(#extract.mask(text) == #text, "the mask is as long as the text")
local _, a = extract.mask(text):gsub("\n", "")
local _, b = text:gsub("\n", "")
ok(a == b, "the mask has all newlines")
local fns = table.concat(extract.functions(
    "int\nfoo(int a)\n{\n}\nint bar(void);\nbaz(void);\nqux(int a,\n    int b)\n{\n"),
    " ")
ok(fns == "foo qux", "names of functions in column 0", fns)

local cmd = transcript.parse_cmd("a |\n  b\nc &&\n  d\ne &\nf\n")
ok(cmd and #cmd.commands == 4 and cmd.commands[1] == "a |\n  b",
    "a command that ends in | or && goes on in the next line",
    cmd and table.concat(cmd.commands, " / "))
print("1.." .. count)
os.exit(failed == 0)
