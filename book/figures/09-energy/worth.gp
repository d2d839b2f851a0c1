# worth.gp -- timelines to a bug behind k rare events: drawn from the recorded
# run `worth`.
# uses: book/transcripts/09-energy/worth.out
run(s) = '< awk "\$1 == \"'.s.'\"" '.dir.'../../transcripts/09-energy/worth.out'
set xlabel 'rare events in a row, each of chance 1/20'
set ylabel 'timelines to the bug'
set xrange [0.8:5.2]
set yrange [5:20000]
set logscale y
set xtics 1
set key top left
plot run('plain') using 2:3 with linespoints lt 2 title 'plain restarts', \
    run('fixed') using 2:3 with linespoints lt 1 title 'splits, fixed', \
    run('adaptive') using 2:3 with points lt 3 pt 8 ps 1 title 'splits, adaptive', \
    10.5*x with lines lt 8 dt 2 title 'the least possible'
