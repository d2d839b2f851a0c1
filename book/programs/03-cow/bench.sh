#!/bin/sh
# SPDX-License-Identifier: MIT
# bench.sh -- what fork costs on our kernel, eager (cow=off) and lazy, as a
# table in thousands of instructions; and where they break even.
#
# On virtual time an instruction takes 2^5 ns, and the TSC counts nanoseconds.
set -eu
for cow in off on; do
    sh qemu.sh -t -m 128 -k kernel.elf -a archive.cpio \
        "hz=1 cow=$cow -- /bin/bench" </dev/null |
        tr -d '\r' | sed -n "s/^bench /$cow /p"
done | awk '
{
    key = $2 " " $3
    fork[$1, key] = $4 / 32000
    whole[$1, key] = $5 / 32000
    if (!(key in seen))
        order[n++] = key
    seen[key] = 1
}
END {
    print "  pages           fork alone       fork, writes, exit, wait"
    print " mapped  written     eager      lazy     eager      lazy"
    for (i = 0; i < n; i++) {
        split(order[i], at, " ")
        printf "%7d  %7d  %8.1f  %8.1f  %8.1f  %8.1f\n", at[1], at[2],
            fork["off", order[i]], fork["on", order[i]],
            whole["off", order[i]], whole["on", order[i]]
    }
    # A straight line through the lazy ones.
    a = whole["on", "1024 0"]
    each = (whole["on", "1024 1024"] - a) / 1024
    printf "break-even: %.0f%% of the pages written\n",
        100 * (whole["off", "1024 1024"] - a) / each / 1024
}'
