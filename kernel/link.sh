#!/bin/sh
# SPDX-License-Identifier: MIT
# link.sh -- link a kernel with its own symbols: link.sh OUT OBJECT...
#
# Two links.  The first has an empty table of symbols; nm reads it; the second
# has the table, which lies behind all code, so that no function has moved.  A
# student's object takes the place of ours in the list of objects.
set -eu
out=$1
shift
here=$(dirname "$0")
tmp=$out.link
mkdir -p "$tmp"
trap 'rm -rf "$tmp"' EXIT

table() {       # stdin: nm's lines; stdout: the assembly of the table
    awk '
    BEGIN { print ".section .ksyms, \"aw\"\n.balign 8\n.globl ksyms\nksyms:" }
    $2 ~ /^[tT]$/ && $1 >= "ffffffff80000000" && $3 !~ /^vector_/ {
        printf ".quad 0x%s, name%d\n", $1, n
        names = names sprintf("name%d: .asciz \"%s\"\n", n++, $3)
    }
    END {
        print ".globl ksyms_count\nksyms_count: .quad " n + 0
        print names ".section .note.GNU-stack, \"\", @progbits"
    }'
}

link() {        # link OUT TABLE OBJECT...
    image=$1
    syms=$2
    shift 2
    ${CC:-gcc} -c -o "$tmp/ksyms.o" "$syms"
    ${CC:-gcc} -nostdlib -static -no-pie -Wl,-z,max-page-size=4096 \
        -Wl,--build-id=none -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments \
        -Wl,-T,"$here/kernel.ld" -o "$image" "$@" "$tmp/ksyms.o"
}

table </dev/null >"$tmp/empty.S"
link "$tmp/first" "$tmp/empty.S" "$@"
# text_start first: a function at the same address, the first of a student's
# object, is the one to be named.
nm "$tmp/first" | sort >"$tmp/sorted"
{
    grep ' text_start$' "$tmp/sorted"
    grep -v ' text_start$' "$tmp/sorted"
} >"$tmp/nm"
table <"$tmp/nm" >"$tmp/full.S"
link "$tmp/second" "$tmp/full.S" "$@"
mv "$tmp/second" "$out"
