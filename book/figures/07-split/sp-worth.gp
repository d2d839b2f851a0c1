# sp-worth.gp -- timelines to the bug against the number of doors, from the
# recorded run `chain`.
# uses: book/transcripts/07-split/chain.out
run = '< awk "/^ *[0-9]/" '.dir.'../../transcripts/07-split/chain.out'
set xlabel 'doors'
set ylabel 'timelines to the first bug'
set logscale y
set xrange [0.8:5.2]
set yrange [5:5e6]
set format y '10^{%L}'
set xtics 1
set key top left
plot run using 1:2 with linespoints lt 2 title 'restarts', \
    run using 1:3 with linespoints lt 1 title 'split, fixed', \
    run using 1:4 with points lt 3 pt 6 ps 2 title 'split, adaptive'
