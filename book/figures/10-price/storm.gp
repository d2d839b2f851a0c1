# SPDX-License-Identifier: MIT
# storm.gp -- the worst wait of each half millisecond, around a snapshot.
# uses: build/book/data/10-price/store.json
file = 'build/book/data/10-price/store.json'
read(kind, n) = sprintf("< lua5.4 %sjson.lua %s store %s %d", dir, file, \
    kind, n)
set multiplot layout 2,1
set lmargin 11
set title system('lua5.4 '.dir.'json.lua '.file.' machine') noenhanced
set logscale y
set format y '%g'
set yrange [0.1:100000]
set xrange [-40:160]
set ylabel 'worst wait, µs'
set key top right horizontal
plot read('small', 1) with points lt 1 pt 7 ps 0.4 \
        title 'first snapshot, 4 KiB pages', \
    read('huge', 1) with points lt 2 pt 5 ps 0.4 title 'huge pages'
set title ''
set xlabel 'ms since the fork'
plot read('small', 2) with points lt 1 pt 7 ps 0.4 \
        title 'second snapshot, 4 KiB pages', \
    read('huge', 2) with points lt 2 pt 5 ps 0.4 title 'once huge'
unset multiplot
