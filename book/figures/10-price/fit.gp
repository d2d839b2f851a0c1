# SPDX-License-Identifier: MIT
# fit.gp -- the model: measured against fitted, and by how much it is off.
# uses: build/book/data/10-price/fork.json
file = 'build/book/data/10-price/fork.json'
rows = '< lua5.4 '.dir.'json.lua '.file.' fit'
set multiplot layout 2,1
set lmargin 11
set title system('lua5.4 '.dir.'json.lua '.file.' machine') noenhanced
set logscale xy
set format '%g'
set ylabel 'measured, µs'
set key top left
plot rows using 2:1 with points lt 1 title 'a row: a kind of fork', \
    x with lines lt 8 lw 1 title 'the model'
unset logscale y
set title ''
set xlabel 'what the model says, µs'
set ylabel 'off by, %'
set yrange [-40:40]
set key off
plot rows using 2:(100 * $3) with points lt 2, 0 with lines lt 8 lw 1
unset multiplot
