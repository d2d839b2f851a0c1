# edge.gp -- ticks that found the child without progress, and how far it counted,
# against D/T: from the recorded run `rates`.
# uses: book/transcripts/04-preempt/rates.out
run = "< awk '$2 ~ /^[0-9.]+$/ && NF == 9 { print $6, 100 * $8 / $7, $9 / 1000 }' ".dir."../../transcripts/04-preempt/rates.out"
set xlabel 'dispatch time D over period T'
set ylabel 'ticks in the child that found it without progress, %'
set y2label 'counted by the child, thousands'
set xrange [0.65:1.8]
set yrange [0:110]
set y2range [0:550]
set ytics nomirror
set y2tics
set arrow 1 from 1,0 to 1,110 nohead lc rgb '#808080' dt 2
set key center right
plot run using 1:2 with linespoints lt 2 title 'without progress', \
     run using 1:3 axes x1y2 with linespoints lt 1 title 'counted'
