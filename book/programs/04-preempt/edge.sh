#!/bin/sh
# SPDX-License-Identifier: MIT
# edge.sh -- where does it tip?  The longest period of the timer with which the
# child still gets nowhere, to the cycle, by halving; and what a dispatch takes.
# edge.sh OPTION...: what lengthens the child's dispatches.
set -eu
# The child's count, with a tick every $1 cycles.
count() {
    cycles=$1
    shift
    sh boot.sh stuck "pit=$cycles" slow-who=3 trace=print "$@" \
        -- race 250 count count >edge.trace
    sed -n 's/^race: pid 3 count //p' edge.trace
}
low=12000       # 10 ms: stuck
high=65536      # 55 ms: not stuck
[ "$(count $low "$@")" = 0 ] && [ "$(count $high "$@")" != 0 ] || {
    echo "edge.sh: not between 10 and 55 ms" >&2
    exit 1
}
while [ $((high - low)) -gt 1 ]; do
    middle=$(((low + high) / 2))
    if [ "$(count $middle "$@")" = 0 ]; then
        low=$middle
    else
        high=$middle
    fi
done
count $low "$@" >/dev/null
awk -v cycles=$low '
$3 == "enter" { entered = $2 }
$3 == "switch" && $4 == 3 { since = entered; ours = 1 }
$3 == "return" && $4 == 3 && ours { took[n++] = $2 - since; ours = 0 }
END {
    for (i = 0; i < n; i++)             # the median
        for (j = i; j > 0 && took[j - 1] > took[j]; j--) {
            t = took[j]; took[j] = took[j - 1]; took[j - 1] = t
        }
    T = cycles / 1193.182
    D = took[int(n / 2)] / 1e6
    printf "D, from the tick to the IRETQ, measured:  %.3f ms\n", D
    printf "T, longest period with no progress:       %.3f ms (%.2f Hz)\n", T,
        1000 / T
    off = (T - D) / D * 100
    printf "difference:                               %.2f%%\n",
        off < 0 ? -off : off
}' edge.trace
