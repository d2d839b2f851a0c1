# turns.awk -- from the kernel's trace (trace=print) to what each process had:
# dispatches, how long one took (from the tick, or the call, that led to it, to
# the IRETQ), before how many of its IRETQs a tick was waiting already, and the
# time that it spent in user mode.  Times are the machine's own, in ms.
# The first dispatch of a child is left out where the trace has no IRETQ for it.
!/^trace:/ { if (!quiet) print; next }
{ t = $2 / 1e6; kind = $3; pid = $4; rip = $5; arg = $6 }
kind == "enter" {
    if (pid in out) user[pid] += t - out[pid]
    delete out[pid]
    entered = t
}
kind == "switch" { since[pid] = entered; switches[pid]++ }
kind == "return" {
    if (!(pid in seen)) { seen[pid] = 1; order[n++] = pid }
    if (pid in since) {
        path[pid] += t - since[pid]; returns[pid]++
        if (arg % 2) waiting[pid]++
        delete since[pid]
    }
    out[pid] = t
}
END {
    print "  pid  dispatched  each takes  tick waits  in user mode"
    for (i = 0; i < n; i++) {
        p = order[i]
        if (returns[p])
            printf "%5d  %10d  %7.2f ms  %4d of %-3d  %9.3f ms\n", p,
                switches[p], path[p] / returns[p], waiting[p], returns[p],
                user[p]
    }
}
