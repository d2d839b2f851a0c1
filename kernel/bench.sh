#!/bin/sh
# SPDX-License-Identifier: MIT
# bench.sh -- make bench-kernel: instructions for fork, for fork + exit + wait,
# and for a write to a shared page, by pages mapped and pages written.
#
# On virtual time every instruction takes 2^5 ns and the TSC counts
# nanoseconds, so the figures are the same on every machine.  One tick a second,
# so that none comes in between.  Writes the same
# figures to build/bench/kernel.json and, for gnuplot, kernel.dat.
set -eu
mkdir -p build/bench
raw=build/bench/kernel.raw
: >"$raw"
for cow in on off; do
    kernel/qemu.sh -t -m 128 "hz=1 cow=$cow -- /bin/bench" </dev/null |
        tr -d '\r' | sed -n "s/^bench /$cow /p" >>"$raw"
done
awk '
function per(tsc) { return int(tsc / 32) }
BEGIN {
    print "                                 instructions for"
    print "copy     pages  pages written        fork    fork, exit   a write"
    print "on write mapped by the child                   and wait   (each)"
}
{
    printf "%-8s %6d %13d %12d %12d %9s\n", $1, $2, $3, per($4), per($5),
        ($3 > 0 ? per($6) : "-")
}' "$raw"
awk '
function per(tsc) { return int(tsc / 32) }
BEGIN { print "{\"unit\": \"instructions\", \"runs\": [" }
{
    printf "%s  {\"cow\": \"%s\", \"mapped\": %d, \"touched\": %d, " \
        "\"fork\": %d, \"fork_exit_wait\": %d, \"write\": %d}",
        (NR > 1 ? ",\n" : ""), $1, $2, $3, per($4), per($5), per($6)
}
END { print "\n]}" }' "$raw" >build/bench/kernel.json
awk '
BEGIN { print "# cow mapped touched fork fork_exit_wait write" }
{ print $1, $2, $3, int($4 / 32), int($5 / 32), int($6 / 32) }
' "$raw" >build/bench/kernel.dat
rm "$raw"
[ "$(grep -c '"fork"' build/bench/kernel.json)" -gt 0 ]

# The questions of bench-fork: what else a process may hold, other ways, and
# writes afterwards, eager and lazy side by side.
for cow in off on; do
    kernel/qemu.sh -t -m 128 -a build/kernel/prices.cpio \
        "hz=1 cow=$cow -- /bin/prices" </dev/null |
        tr -d '\r' | sed -n "s/^price /$cow /p" >>"$raw"
done
echo
awk -f kernel/prices.awk "$raw"
awk '
BEGIN { print "{\"unit\": \"instructions\", \"runs\": [" }
{
    printf "%s  {\"cow\": \"%s\", \"question\": \"%s\", \"amount\": %d, " \
        "\"create\": %d, \"exit_wait\": %d, \"write\": %d}",
        (NR > 1 ? ",\n" : ""), $1, $2, $3, $4 / 32, $5 / 32, $6 / 32
}
END { print "\n]}" }' "$raw" >build/bench/kernel-prices.json
rm "$raw"
[ "$(grep -c '"create"' build/bench/kernel-prices.json)" -gt 0 ]
