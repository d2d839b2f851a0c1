# schedule.awk -- from the kernel's trace: who had the processor for what, from
# the third dispatch of process 3 on, for `for` ms.  Prints: what, of whom, from,
# to (ms); `tick` marks a tick that the kernel saw.
!/^trace:/ { next }
{ t = $2 / 1e6; kind = $3; p = $4 }
kind == "switch" && p == 3 && ++n == 3 { zero = entered; on = 1 }
kind == "enter" {
    entered = t
    if (on && out != "") put("user", out, left, t)
    if (on && $6 == 32) put("tick", p, t, t)
    out = ""
}
on && kind == "switch" { put("tick", "-", entered, entered); on = 2 }
kind == "switch" { begun = t }
on && kind == "dispatched" { put("dispatch", p, begun, t); left = t; out = p }
kind == "return" { left = t; out = p }
function put(what, who, from, to) {
    if (what == "tick" && from == lasttick) return
    if (what == "tick") lasttick = from
    if (from - zero <= for_ms)
        printf "%-9s %s %8.3f %8.3f\n", what, who, from - zero, to - zero
}
