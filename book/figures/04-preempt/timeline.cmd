# timeline.cmd -- who had the processor in 80 ms, before and after: from the
# recorded run `timeline`.
# uses: book/transcripts/04-preempt/timeline.out
awk '
BEGIN {
    left = 96; width = 560; scale = width / 80
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"680\" height=\"300\" viewBox=\"0 0 680 300\" font-family=\"sans-serif\" font-size=\"13\">"
    text[1] = "the starter: every tick ends a turn"
    text[2] = "ours: a tick ends a turn of half a period at least"
}
/^\$/ {
    run++
    top = run == 1 ? 30 : 160
    printf "<text x=\"8\" y=\"%d\" fill=\"#000000\">%s</text>\n", top - 12, text[run]
    label(top + 17, "child, 3"); label(top + 45, "other, 4")
    line(top + 58)
    next
}
function label(y, what) { printf "<text x=\"8\" y=\"%d\" fill=\"#000000\">%s</text>\n", y, what }
function line(y) { printf "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"#808080\"/>\n", left, left + width, y, y }
function x(t) { return left + (t > 80 ? 80 : t) * scale }
$1 == "dispatch" || $1 == "user" {
    y = top + ($2 == 3 ? 0 : 28)
    w = x($4) - x($3)
    fill = $1 == "user" ? "#1b7f4b" : "#fbe0d0"
    edge = $1 == "user" ? "#1b7f4b" : "#b5460f"
    if (w < 1) w = 1
    printf "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"24\" fill=\"%s\" stroke=\"%s\"/>\n", x($3), y, w, fill, edge
}
# The timer ticks at every 20 ms; the kernel sees the tick when it can.
$1 == "tick" {
    printf "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"#a61b3c\" stroke-width=\"2\"/>\n", x($3), x($3), top + 58, top + 68
}
END {
    for (r = 1; r <= 2; r++) {
        y = r == 1 ? 88 : 218
        for (t = 0; t <= 80; t += 20)
            printf "<circle cx=\"%.1f\" cy=\"%d\" r=\"3\" fill=\"#0b62a4\"/>\n", x(t), y
    }
    for (t = 0; t <= 80; t += 20)
        printf "<text x=\"%.1f\" y=\"252\" text-anchor=\"middle\" fill=\"#000000\">%d ms</text>\n", x(t), t
    y = 282
    printf "<rect x=\"8\" y=\"%d\" width=\"24\" height=\"12\" fill=\"#fbe0d0\" stroke=\"#b5460f\"/><text x=\"38\" y=\"%d\" fill=\"#000000\">dispatch, interrupts off</text>\n", y - 10, y + 1
    printf "<rect x=\"218\" y=\"%d\" width=\"24\" height=\"12\" fill=\"#1b7f4b\" stroke=\"#1b7f4b\"/><text x=\"248\" y=\"%d\" fill=\"#000000\">in user mode</text>\n", y - 10, y + 1
    printf "<circle cx=\"368\" cy=\"%d\" r=\"3\" fill=\"#0b62a4\"/><text x=\"378\" y=\"%d\" fill=\"#000000\">the timer ticks</text>\n", y - 4, y + 1
    printf "<line x1=\"508\" x2=\"508\" y1=\"%d\" y2=\"%d\" stroke=\"#a61b3c\" stroke-width=\"2\"/><text x=\"516\" y=\"%d\" fill=\"#000000\">the kernel sees it</text>\n", y - 9, y + 2, y + 1
    print "</svg>"
}' book/transcripts/04-preempt/timeline.out
