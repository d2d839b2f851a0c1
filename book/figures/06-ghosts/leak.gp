# SPDX-License-Identifier: MIT
# leak.gp -- blocks that a purge keeps against the threads of the parent, each
# point with the number of blocks that these were in: from the run `leak`.
# uses: book/transcripts/06-ghosts/leak.out
run = 'book/transcripts/06-ghosts/leak.out'
rows = "< awk '/^no threads|^threads/ { print $(NF - 5), $(NF - 1), \
    $(NF - 5) ? $(NF - 4) : \"\" }' ".run
one = "< awk '/^threads/ && $3 == 1 { print $2, $6 }' ".run
set xlabel 'threads of the parent'
set ylabel 'blocks kept by the purge'
set y2label 'kilobytes of code kept'
set xrange [0:9]
set yrange [0:9]
set y2range [0:9 * 6.32]
set y2tics 10
set xtics 1
set ytics 1
set border 11
set key top left
plot x with lines lc rgb '#808080' dt 2 title 'as the report says', \
    one using 1:2 with lines lt 1 dt 3 notitle, \
    rows using 1:2 with points lt 1 ps 1 title 'measured, with the blocks that they were in', \
    rows using 1:2:3 with labels offset 1.6,0.5 notitle
