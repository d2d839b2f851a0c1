# SPDX-License-Identifier: MIT
# leak.gp -- what ghosts cost, from the run `leak`.  Left: blocks that a purge
# keeps against the threads of the parent, each point with the number of blocks
# that these were in.  Right: bytes mapped for code against those blocks.
# uses: book/transcripts/06-ghosts/leak.out
run = 'book/transcripts/06-ghosts/leak.out'
# threads, blocks that they were in, blocks kept, kilobytes mapped
rows = "< awk '/^no threads|^threads/ { t = $(NF - 6); \
    print t, t ? $(NF - 4) : 0, $(NF - 2), $NF / 1024 }' ".run
one = "< awk '/^threads/ && $3 == 1 { print $2, $6 }' ".run
set multiplot layout 1,2
set xlabel 'threads of the parent'
set ylabel 'blocks kept by the purge'
set xrange [0:9]
set yrange [0:9]
set xtics 1
set ytics 1
set key top left
plot x with lines lc rgb '#808080' dt 2 title 'the report', \
    one using 1:2 with lines lt 1 dt 3 notitle, \
    rows using 1:3 with points lt 1 ps 1 title 'measured', \
    rows using 1:3:($2 > 0 ? sprintf('%d', $2) : '') with labels \
        offset 1.2,0.5 notitle
set xlabel 'blocks that they were in'
set ylabel 'kilobytes mapped for code'
set yrange [0:2600]
set ytics 500
unset key
plot rows using 2:4 with impulses lt 1 lw 2 notitle, \
    rows using 2:4 with points lt 1 ps 1 notitle
unset multiplot
