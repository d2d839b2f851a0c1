# SPDX-License-Identifier: MIT
# knee.gp -- what a page costs in a fork, by memory, with warm and cold caches:
# drawn from the recorded run `knee`.
# uses: book/transcripts/10-price/knee.out
run = '< awk "/^ *[0-9]/" '.dir.'../../transcripts/10-price/knee.out'
set xlabel 'memory, MB'
set ylabel 'ns a page: fork, exit and wait'
set logscale x
set xrange [7:1200]
set yrange [0:*]
set xtics (8, 16, 32, 64, 128, 256, 512, 1024)
set key bottom right
plot run using 1:3 with linespoints lt 2 title 'cold caches', \
    run using 1:2 with linespoints lt 1 title 'warm', \
    run using 1:5 with linespoints lt 2 dt 2 \
        title 'pages without a record: cold', \
    run using 1:4 with linespoints lt 1 dt 2 title 'warm'
