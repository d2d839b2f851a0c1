# timeline.awk -- draw the traces of timeline.c: a lane for each thread, time from
# left to right; a bar while it has the lock, a broken line while it waits.
function lane(p, t) {
    return p == "child" ? 3 : t == "other" ? 1 : 2
}
function x(t) { return 120 + 40 * t }
function y(l) { return top + 34 * l }
function text(px, py, s, anchor) {
    printf "<text x=\"%d\" y=\"%d\" font-size=\"12\" fill=\"black\" " \
        "text-anchor=\"%s\">%s</text>\n", px, py, anchor, s
}
function line(x1, x2, l, dash, colour) {
    if (dash)  # over what was drawn there
        printf "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" " \
            "stroke=\"white\" stroke-width=\"3\"/>\n", x1, y(l), x2, y(l)
    printf "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" " \
        "stroke-width=\"2\"%s/>\n", x1, y(l), x2, y(l), colour,
        dash ? " stroke-dasharray=\"4 4\"" : ""
}
function bar(x1, x2, l) {
    printf "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"14\" " \
        "fill=\"#fbe0d0\" stroke=\"#b5460f\"/>\n", x1, y(l) - 7, x2 - x1
    text((x1 + x2) / 2, y(l) + 4, "lock", "middle")
}
function draw(   i, l, begin, last, has, wants) {
    text(8, top + 8, title, "start")
    text(112, y(1) + 4, "parent, other", "end")
    text(112, y(2) + 4, "parent, main", "end")
    text(112, y(3) + 4, "child, main", "end")
    for (l = 1; l <= 3; l++) {
        begin = last = has = wants = 0
        for (i = 1; i <= n; i++) {
            if (of[i] != l) continue
            if (!begin) begin = i
            last = i
        }
        if (l == 3)
            printf "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" " \
                "stroke=\"#808080\"/>\n", x(fork), y(2), x(begin), y(3)
        line(x(begin), x(last == begin ? n : last), l, 0, "#0b62a4")
        for (i = begin; i <= last; i++) {
            if (of[i] != l) continue
            if (what[i] == "has") has = i
            if (what[i] == "wants") wants = i
            if (what[i] == "lets go" || (what[i] == "ends" && has)) {
                bar(x(has ? has : begin), x(i), l)
                has = 0
            }
            if (wants && (what[i] == "has" || what[i] == "waits for ever")) {
                line(x(wants), x(what[i] == "has" ? i : n), l, 1, "#a61b3c")
                if (what[i] != "has")
                    text(x(n), y(l) - 8, "waits for ever", "end")
                wants = 0
            }
        }
    }
    text(x(fork), y(2) - 9, "fork", "middle")
}
/^\$/ {
    if (n) draw()
    top = n ? 175 : 25
    n = 0
    title = /handlers/ ? "with handlers" : "without handlers"
}
$1 ~ /^[0-9]+$/ {
    n = $1
    of[n] = lane($2, $3)
    what[n] = $4 ($5 ? " " $5 : "") ($6 ? " " $6 : "")
    if (what[n] == "forks") fork = n
}
BEGIN {
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"690\" " \
        "height=\"300\" viewBox=\"0 0 690 300\" font-family=\"sans-serif\">"
}
END {
    draw()
    print "</svg>"
}
