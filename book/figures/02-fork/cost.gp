# SPDX-License-Identifier: MIT
# cost.gp -- instructions for fork against pages mapped, eager and shared.
# uses: book/transcripts/02-fork/bench.out
run = "book/transcripts/02-fork/bench.out"
part(n) = sprintf("< awk '/^\\$/ { n++ } /^[0-9]/ && n == %d { print $1, \
    $2 / 1000 }' %s", n, run)
set xlabel "pages in use"
set ylabel "instructions for fork(), thousands"
set logscale xy
set xrange [12:6000]
set yrange [30:5000]
set xtics (16, 64, 256, 1024, 4096)
plot part(1) using 1:2 with linespoints lt 2 title "copied at once", \
     part(2) using 1:2 with linespoints lt 1 title "shared"
