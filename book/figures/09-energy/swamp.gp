# swamp.gp -- children per split, fixed and adaptive, with a swamp beside the
# way: drawn from the recorded run `swamp`.
# uses: book/transcripts/09-energy/swamp.out
run(s) = '< awk "\$1 == \"'.s.'\"" '.dir.'../../transcripts/09-energy/swamp.out'
set xlabel 'children of a split (fixed), at least (adaptive)'
set ylabel 'timelines to the bug'
set logscale x 2
set xrange [2.6:28]
set yrange [0:300]
set xtics (3, 6, 12, 24)
set key top center
plot run('fixed') using 2:3 with linespoints lt 2 title 'fixed', \
    run('adaptive') using 2:3 with linespoints lt 1 title 'adaptive, 6 a mark'
