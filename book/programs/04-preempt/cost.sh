#!/bin/sh
# SPDX-License-Identifier: MIT
# cost.sh -- what a dispatch takes, by how the page table is switched and by how
# much is logged: the mean of a run's, from "switch" to "dispatched".
set -eu
row() {
    name=$1
    shift
    sh boot.sh stuck hz=19 trace=print "$@" -- race 300 count count |
        awk -v name="$name" '
        $3 == "switch" { since = $2 }
        $3 == "dispatched" && since && $6 > 0 {
            sum += $2 - since; n++; since = 0
        }
        END {
            printf "%-28s %10.1f us %9d instructions\n", name, sum / n / 1000,
                sum / n / 32
        }'
}
echo "a dispatch takes"
row "CR3 loaded"
row "CR3 loaded twice" flush=twice
row "CR3, and CR4.PGE off and on" flush=pge
row "CR3, and INVLPG each page" flush=invlpg
for n in 1 3 5 7; do
    row "$n lines at 115200 baud" baud=115200 log=$n
done
