#!/bin/sh
# SPDX-License-Identifier: MIT
# kernel.sh -- the model's terms on our kernel, in instructions: eager (cow=off)
# and lazy.  Straight lines through the ends of what /bin/bench measures.
set -eu
for cow in off on; do
    sh qemu.sh -t -m 128 -k kernel.elf -a archive.cpio \
        "hz=1 cow=$cow -- /bin/bench" </dev/null |
        tr -d '\r' | sed -n "s/^bench /$cow /p"
done | awk '
{ fork[$1, $2, $3] = $4 / 32; whole[$1, $2, $3] = $5 / 32 }
END {
    printf "%-44s %8s %8s\n", "instructions", "eager", "lazy"
    n = split("off on", cow, " ")
    row("fork, exit and wait, with nothing")
    for (i = 1; i <= n; i++) value(whole[cow[i], 0, 0])
    row("each page, in the fork")
    for (i = 1; i <= n; i++)
        value((fork[cow[i], 4096, 0] - fork[cow[i], 1024, 0]) / 3072)
    row("each page, until the child is gone")
    for (i = 1; i <= n; i++)
        value((whole[cow[i], 4096, 0] - whole[cow[i], 1024, 0]) / 3072)
    row("each page that the child writes to")
    for (i = 1; i <= n; i++)
        value((whole[cow[i], 1024, 1024] - whole[cow[i], 1024, 64]) / 960)
    printf "\n"
}
function row(text) { printf "%s%-44s", (rows++ ? "\n" : ""), text }
function value(x) { printf " %8.0f", x }'
