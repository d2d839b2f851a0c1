# SPDX-License-Identifier: MIT
# again.gp -- the same as storm.gp, around a second snapshot.
# uses: build/book/data/10-price/store.json
file = 'build/book/data/10-price/store.json'
read(kind) = sprintf("< lua5.4 %sjson.lua %s store %s 2", dir, file, kind)
set title system('lua5.4 '.dir.'json.lua '.file.' machine') noenhanced
set logscale y
set format y '%g'
set yrange [0.5:100000]
set xrange [-40:160]
set ylabel 'worst wait, µs'
set xlabel 'ms since the fork'
set key top right
plot read('small') with points lt 1 pt 7 ps 0.4 \
        title 'second snapshot, 4 KiB pages', \
    read('huge') with points lt 2 pt 5 ps 0.4 title 'pages that were huge'
