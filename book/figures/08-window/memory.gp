# memory.gp -- timelines per second against the memory that a simulation has
# touched, by how that memory is kept: drawn from a recorded run.
# uses: book/figures/08-window/memory.dat
data = dir.'memory.dat'
kind(k) = '< awk "\$1 == \"'.k.'\"" '.data
set logscale xy
set xlabel 'MB touched before the first split'
set ylabel 'timelines per second'
set xrange [7:1500]
set yrange [12:30000]
set xtics (10, 100, 1000)
set key bottom right
plot kind('own') using 2:3 with linespoints lt 3 title 'not in the children', \
    kind('shared') using 2:3 with linespoints lt 4 title 'shared', \
    kind('private') using 2:3 with linespoints lt 1 title 'private, huge pages', \
    kind('plain') using 2:3 with linespoints lt 2 title 'private, pages of 4 KiB'
