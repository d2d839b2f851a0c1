# sp-even.gp -- first draws of sixteen siblings, from the recorded run `draws`.
# uses: book/transcripts/07-split/draws.out
run = '< awk "NF == 3 && /^ *[0-9]/ && !/%/" '.dir.'../../transcripts/07-split/draws.out'
set xlabel 'first draw, of 100'
set ylabel 'child'
set xrange [0:100]
set yrange [15.5:-0.5]
set ytics 5
set key outside bottom center horizontal
plot run using 2:1 with points lt 1 pt 7 title 'as split.c deals them', \
    run using 3:1 with points lt 2 pt 4 title 'independent'
