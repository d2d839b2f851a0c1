# SPDX-License-Identifier: MIT
# sp-tree.cmd -- the tree of a run of the lock service, from the library's JSON.
# A first child stands below its parent, the others to the right of it: so the
# trunk is at the left, where a narrow screen begins.
# uses: build/explorer/examples/lock
json=$(mktemp)
trap 'rm -f "$json" "$json.json"' EXIT
build/explorer/examples/lock --seed 3 --tree "$json.json" >/dev/null || :
sed -n 's/^{"timeline":\([0-9]*\),"depth":\([0-9]*\),"parent":\([0-9]*\),"mark":"\([^"]*\)".*"end":"\([a-z]*\)".*/\1 \2 \5 \3 \4/p
    s/^{"timeline":\([0-9]*\),"depth":\([0-9]*\),"count".*"end":"\([a-z]*\)".*/\1 \2 \3 -/p' \
    "$json.json" | awk '
function x_of(n) { return 14 + 22 * column[n] }
function y_of(n) { return 14 + 46 * depth[n] }
{
    n = $1; depth[n] = $2; end[n] = $3; parent[n] = $4
    mark[n] = $0
    sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ ?/, "", mark[n])
    column[n] = next_free[$2] + 0
    if ($4 != "-" && column[n] < column[$4])
        column[n] = column[$4]
    next_free[$2] = column[n] + 1
    if (column[n] > most) most = column[n]
    if ($2 > deepest) deepest = $2
    order[count++] = n
}
END {
    w = 28 + 22 * most; h = 28 + 46 * deepest
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\"" \
        " width=\"%d\" height=\"%d\" font-family=\"sans-serif\">\n", w, h, w, h
    for (i = 0; i < count; i++) {
        n = order[i]; p = parent[n]
        if (p == "-") continue
        bend = y_of(n) - 16
        printf "<path d=\"M%d %dH%dV%d\" fill=\"none\" stroke=\"black\"/>\n",
            p in last ? x_of(last[p]) : x_of(p), bend, x_of(n), y_of(n)
        if (!(p in last))        # the first child: what was discovered
            printf "<path d=\"M%d %dV%d\" stroke=\"black\"/>\n" \
                "<text x=\"%d\" y=\"%d\" font-size=\"12.5\">%s</text>\n",
                x_of(p), y_of(p), bend, x_of(p) + 7, bend - 5, mark[n]
        last[p] = n
    }
    fill["assertion"] = "#f9d7de"
    fill["stopped"] = "#d6e6f5"
    for (i = 0; i < count; i++) {
        n = order[i]
        printf "<circle cx=\"%d\" cy=\"%d\" r=\"9.5\" fill=\"%s\"" \
            " stroke=\"black\"/>\n<text x=\"%d\" y=\"%.1f\" font-size=\"10\"" \
            " text-anchor=\"middle\">%s</text>\n", x_of(n), y_of(n),
            end[n] in fill ? fill[end[n]] : "#e6e7e9", x_of(n), y_of(n) + 3.5, n
    }
    print "</svg>"
}'
