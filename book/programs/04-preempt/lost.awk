# lost.awk -- from the kernel's trace: the ticks that the timer sent and those
# that the kernel has seen.  T: the period in ms.
!/^trace:/ { next }
$3 == "enter" && $6 == 32 {
    if (!seen++) first = $2
    last = $2
}
END {
    ms = (last - first) / 1e6
    printf "by the TSC %.0f ms; the timer ticked %d times, the kernel saw %d\n",
        ms, ms / T, seen - 1
    printf "a clock that adds %d ms a tick is %.0f ms behind\n", T,
        ms - (seen - 1) * T
}
