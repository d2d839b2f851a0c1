#!/bin/sh
# SPDX-License-Identifier: MIT
# compare.sh -- every policy in every situation: compare.sh POLICY...  A cell is
# the child's time in user mode, in per cent of what all children had, and in
# parentheses the number of milliseconds that all had together.
set -eu
# share OPTION... -- KIND...: what process 3 had, and all from 3 on.
share() {
    sh boot.sh policies hz=50 limit=800 trace=print "policy=$policy" "$@" |
        awk '
        !/^trace:/ { next }
        $3 == "return" { out[$4] = $2 }
        $3 == "enter" && $4 >= 3 && ($4 in out) {
            if ($2 - out[$4] > 5000) {          # else it was the entry only
                all += $2 - out[$4]
                if ($4 == 3) mine += $2 - out[$4]
            }
            delete out[$4]
        }
        END {
            printf "%4.0f%% (%3.0f)", all ? 100 * mine / all : 0, all / 1e6
        }'
}
printf '%-10s %-11s %-11s %-11s %-11s\n' '' 'D = T/4' 'D = 1.3 T' \
    'D = 1.99 T' 'jmp, 1.3 T'
for policy; do
    printf '%-10s %s %s %s %s\n' "$policy" \
        "$(share path=5000 slow-who=3 -- race 500 count count)" \
        "$(share path=26000 slow-who=3 -- race 500 count count)" \
        "$(share path=39750 slow-who=3 -- race 500 count count)" \
        "$(share path=26000 slow-who=forked -- race 500 jmp count)"
done
