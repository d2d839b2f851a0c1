# SPDX-License-Identifier: MIT
# plot.gp -- the plots of bench-fork: gnuplot -e "dir='build/bench'" plot.gp,
# after book/scripts/figure.gp, which chooses the colours.
set termoption noenhanced
set style data linespoints
set ylabel 'core time of fork, exit and wait, µs'
set logscale xy
set format xy '%g'

# No logarithm has a place for no memory at all: it stands at a quarter.
set output dir.'/fork-memory.svg'
set xlabel 'memory written to before the fork, MB'
set xrange [0.2:1500]
set xtics ('0' 0.25, '1' 1, '4' 4, '16' 16, '64' 64, '256' 256, '1024' 1024)
f = dir.'/fork-memory.dat'
stats f using 1 nooutput
plot for [i=0:STATS_blocks-1] f index i \
    using ($1 > 0 ? $1 : 0.25):2:3:4 with yerrorlines title columnheader(1)

set output dir.'/fork-ways.svg'
set ylabel 'core time of the whole, µs'
set key outside right center
f = dir.'/fork-ways.dat'
stats f using 1 nooutput
plot for [i=0:STATS_blocks-1] f index i using ($1 > 0 ? $1 : 0.25):2 \
    title columnheader(1)

set output dir.'/fork-counts.svg'
set ylabel 'core time of fork, exit and wait, µs'
set key inside top left
set xlabel 'how many'
set xrange [0.8:12000]
set xtics auto
f = dir.'/fork-counts.dat'
stats f using 1 nooutput
plot for [i=0:STATS_blocks-1] f index i using 1:2:3:4 with yerrorlines \
    title columnheader(1)

set output dir.'/fork-dirty.svg'
set xlabel 'pages written to after the fork'
f = dir.'/fork-dirty.dat'
stats f using 1 nooutput
plot for [i=0:STATS_blocks-1] f index i using 1:2:3:4 with yerrorlines \
    title columnheader(1)

# Above, what was measured against what the model says; below, by how much it
# is off.
set output dir.'/fork-fit.svg'
set multiplot layout 2,1
set lmargin 10
set xlabel ''
set xrange [*:*]
set ylabel 'measured, µs'
f = dir.'/fork-fit.dat'
plot f using 2:1 with points title 'rows', x with lines lt 8 title 'the model'
unset logscale y
set xlabel 'fitted, µs'
set ylabel 'residual, %'
set key off
plot f using 2:(100*($1-$2)/$1) with points, 0 with lines lt 8
unset multiplot
