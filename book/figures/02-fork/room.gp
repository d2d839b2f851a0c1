# SPDX-License-Identifier: MIT
# room.gp -- memory in use against processes that live, eager and shared.
# uses: book/transcripts/02-fork/room.out
run = "book/transcripts/02-fork/room.out"
# The first command's lines are the eager kernel's, the second's the other's.
part(n) = sprintf("< awk '/^\\$/ { n++ } /^kernel/ && n == %d { print $2, \
    $4 * 4 / 1024 }' %s", n, run)
set xlabel "processes"
set ylabel "memory in use, MiB"
set xrange [0:130]
set yrange [0:70]
set key center right
plot part(1) using 1:2 with linespoints lt 2 title "pages copied at once", \
     part(2) using 1:2 with linespoints lt 1 title "pages shared"
