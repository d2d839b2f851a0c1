# turns.gp -- frames taken, pages copied and taken over, as the writes go on:
# drawn from the recorded run `pages`.
# uses: book/transcripts/03-cow/pages.out
run = '< awk "/^ *[0-9]/" '.dir.'../../transcripts/03-cow/pages.out'
set xlabel 'writes since the fork'
set ylabel 'frames, pages'
set xrange [0:128]
set yrange [0:110]
set xtics 16
set arrow 1 from 32,0 to 32,80 nohead lc rgb '#808080' dt 2
set arrow 2 from 96,0 to 96,80 nohead lc rgb '#808080' dt 2
set label 1 'child' at 16,88 center
set label 2 'parent' at 64,88 center
set label 3 'child' at 112,88 center
set key top center horizontal
plot run using 1:2 with linespoints lt 1 title 'frames taken', \
    run using 1:3 with linespoints lt 2 title 'pages copied', \
    run using 1:4 with linespoints lt 3 title 'pages taken over'
