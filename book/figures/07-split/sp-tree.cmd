# SPDX-License-Identifier: MIT
# sp-tree.cmd -- the tree of a run of the lock service, from the library's JSON.
# uses: build/explorer/examples/lock
json=$(mktemp)
trap 'rm -f "$json"' EXIT
build/explorer/examples/lock --seed 3 --tree "$json.json" >/dev/null || :
{
    echo 'digraph { rankdir=TB; nodesep=0.06; ranksep=0.25;'
    echo 'node [shape=circle, style=filled, width=0.22, fixedsize=true,'
    echo 'fontsize=9]; edge [arrowsize=0.5, fontsize=11];'
    sed -n 's/^{"timeline":\([0-9]*\),.*"end":"\([a-z]*\)".*/\1 \2/p' \
        "$json.json" | while read -r n end; do
        case $end in
        assertion) fill='#f9d7de' ;;
        stopped) fill='#d6e6f5' ;;
        *) fill='#e6e7e9' ;;
        esac
        echo "t$n [label=$n, fillcolor=\"$fill\"];"
    done
    # The first child of each split names what was discovered.
    sed -n 's/^{"timeline":\([0-9]*\),.*"parent":\([0-9]*\),"mark":"\([^"]*\)".*/\1 \2 \3/p' \
        "$json.json" | awk '{
            mark = $0
            sub(/^[0-9]+ [0-9]+ /, "", mark)
            printf "t%d -> t%d", $2, $1
            if (mark != last[$2])
                printf " [label=\" %s\"]", mark
            last[$2] = mark
            print ";"
        }'
    echo '}'
} | dot -Tsvg -Gbgcolor=transparent -Gfontname=sans-serif \
    -Nfontname=sans-serif -Efontname=sans-serif
rm -f "$json.json"
