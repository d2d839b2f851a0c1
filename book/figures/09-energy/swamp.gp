# swamp.gp -- children per split, fixed and adaptive, with a swamp beside the
# way: drawn from the recorded run `swamp`.
# uses: book/transcripts/09-energy/swamp.out
run(s) = '< awk "\$1 == \"'.s.'\"" '.dir.'../../transcripts/09-energy/swamp.out'
set xlabel 'children of a split (fixed), at least (adaptive)'
set ylabel 'timelines to the bug'
set logscale x 2
set xrange [3.5:36]
set yrange [0:600]
set xtics (4, 8, 16, 32)
set key bottom left
plot run('fixed') using 2:3 with linespoints lt 2 title 'fixed', \
    run('adaptive') using 2:3 with linespoints lt 1 title 'adaptive, 8 a mark'
