# threads.cmd -- the threads of parent and child, as the recorded run `stuck`
# counted them.
# uses: book/transcripts/05-atfork/stuck.out
awk '
    function box(p, n,   i) {
        printf "subgraph cluster_%s { label=\"%s\"; color=grey;\n", p, p
        printf "%sm [label=\"mutex\\nlocked\", shape=box, " \
            "fillcolor=\"#fbe0d0\"];\n", p
        for (i = 1; i <= n; i++)
            printf "%s%d [label=\"%s\"];\n", p, i, i == 1 ? "main" : "other"
        if (n < 2)
            printf "%s2 [label=\"(other)\", style=dashed, color=grey];\n", p
        printf "%sm -> %s2 [label=\" owner\"%s];\n}\n", p, p,
            n < 2 ? ", style=dashed" : ""
    }
    $1 == "parent:" { parent = $2 }
    $1 == "child:" { child = $2 }
    END {
        print "digraph { rankdir=LR; nodesep=0.3; node [shape=ellipse, " \
            "style=filled, fillcolor=\"#d6e6f5\"];"
        box("child", child)  # the first is drawn below
        box("parent", parent)
        print "parent1 -> child1 [label=\" fork\", constraint=false]; }"
    }' book/transcripts/05-atfork/stuck.out |
    dot -Tsvg -Gbgcolor=transparent -Gfontname=sans-serif -Nfontname=sans-serif \
        -Efontname=sans-serif -Gfontsize=13 -Nfontsize=13 -Efontsize=12
