# SPDX-License-Identifier: MIT
# knee.gp -- what a page costs in a fork, by memory and by the order of frames:
# drawn from the recorded run `knee`.
# uses: book/transcripts/10-price/knee.out
run = '< awk "/^ *[0-9]/" '.dir.'../../transcripts/10-price/knee.out'
set xlabel 'memory, MB'
set ylabel 'ns a page: fork, exit and wait'
set logscale x
set xrange [7:600]
set yrange [0:*]
set xtics (8, 16, 32, 64, 128, 256, 512)
set key bottom right
plot run using 1:4 with linespoints lt 2 title 'frames in a wild order', \
    run using 1:5 with linespoints lt 4 dt 2 title 'the same, caches cold', \
    run using 1:3 with linespoints lt 1 title 'frames in order', \
    run using 1:6 with linespoints lt 3 title 'pages without a record'
