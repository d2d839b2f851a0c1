# drain.gp -- the energy of each mark, and the pool, at the birth of every
# timeline: drawn from the recorded run `drain-all`.
# uses: book/transcripts/09-energy/drain-all.out
run = '< awk "/^ *[0-9]/" '.dir.'../../transcripts/09-energy/drain-all.out'
set xlabel 'timelines born'
set ylabel 'units'
set xrange [0:72]
set yrange [0:50]
set key top right
plot run using 1:3 with steps lt 8 lw 2 title 'pool', \
    run using 1:4 with steps lt 1 title 'height', \
    run using 1:5 with steps lt 2 title 'tent', \
    run using 1:6 with steps lt 3 title 'hut'
