#!/bin/sh
# SPDX-License-Identifier: MIT
# kernel.sh -- bench-fork's questions, asked of our kernel: the second table of
# make bench-kernel, eager (cow=off) and lazy, in instructions.
set -eu
for cow in off on; do
    sh qemu.sh -t -m 128 -k kernel.elf -a prices.cpio \
        "hz=1 cow=$cow -- /bin/prices" </dev/null |
        tr -d '\r' | sed -n "s/^price /$cow /p"
done | awk -f prices.awk
