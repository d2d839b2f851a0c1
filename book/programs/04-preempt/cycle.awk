# cycle.awk -- from the kernel's trace: one whole dispatch of process `pid`, the
# third, with times from the tick that led to it.  Times: microseconds.
!/^trace:/ { next }
{ t = $2 / 1000; kind = $3; p = $4; rip = $5; arg = $6 }
kind == "enter" && arg == 32 { if (!on) { start = t; from = p; at = rip } }
kind == "switch" && p == pid && ++dispatch == 3 {
    on = 1
    say(start, "tick interrupts process " from " at " at)
    say(t, "dispatch of process " p " begins")
}
on && kind == "dispatched" { say(t, "dispatch ends, saved RIP " rip) }
on && kind == "return" {
    say(t, "IRETQ to " rip ", tick waiting: " (arg % 2 ? "yes" : "no"))
    back = t
}
on && kind == "enter" && t > start {
    say(t, (arg == 32 ? "tick" : "vector " arg) " interrupts process " p " at " rip)
    printf "%12s  from IRETQ to the next entry: %.1f us\n", "", t - back
    exit
}
function say(when, what) { printf "%9.1f us  %s\n", when - start, what }
