#!/bin/sh
# SPDX-License-Identifier: MIT
# rates.sh -- does the child get anywhere?  rates.sh OPTION... -- RATE...: one
# run for each; a RATE is a number of Hz, or pit=N for a tick every N cycles of
# the timer.  The child's dispatches are lengthened by the OPTIONs.
set -eu
options=
while [ "$1" != -- ]; do
    options="$options $1"
    shift
done
shift
echo "     rate   period T  dispatch D  D/T   ticks taken  of these with  child's"
echo "                                        in the child  no progress    count"
for rate; do
    case $rate in
    pit=*) o=$rate ;;
    *) o=hz=$rate ;;
    esac
    # shellcheck disable=SC2086
    sh boot.sh stuck "$o" slow-who=3 trace=print $options \
        -- race 400 count count >rate.trace
    awk -v rate="$rate" '
    BEGIN {
        cycles = rate ~ /pit/ ? substr(rate, 5) : int(1193182 / rate)
        T = cycles / 1193.182
    }
    /^race: pid 3/ { count = $5 }
    !/^trace/ { next }
    $3 == "enter" { entered = $2 }
    $3 == "enter" && $6 == 32 && $4 == 3 {
        ticks++
        if ($5 == to && $2 - left < 20000) stuck++
    }
    $3 == "switch" && $4 == 3 { since = entered; ours = 1 }
    $3 == "return" && $4 == 3 {
        to = $5; left = $2
        if (ours && since) { sum += $2 - since; n++ }
        ours = 0
    }
    END {
        D = sum / n / 1e6
        printf "%9s %7.2f ms  %7.2f ms %5.2f %12d %14d %9d\n", rate, T, D,
            D / T, ticks, stuck, count
    }' rate.trace
done
