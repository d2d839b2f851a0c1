# SPDX-License-Identifier: MIT
# memory.gp -- fork, exit and wait against memory of several kinds.
# uses: build/book/data/10-price/fork.json
file = 'build/book/data/10-price/fork.json'
read(kind) = sprintf("< lua5.4 %sjson.lua %s rows fork %s nobody memory", \
    dir, file, kind)
set title system('lua5.4 '.dir.'json.lua '.file.' machine') noenhanced
set xlabel 'memory written to before the fork, MB'
set ylabel 'core time of fork, exit and wait, µs'
set logscale xy
set xrange [0.2:1500]
set yrange [40:200000]
set format y '%g'
set xtics ('0' 0.25, '1' 1, '4' 4, '16' 16, '64' 64, '256' 256, '1024' 1024)
set style data yerrorlines
plot read('small') using ($1 > 0 ? $1 : 0.25):2:3:4 lt 1 \
        title 'private, 4 KiB pages', \
    read('huge') using 1:2:3:4 lt 2 title 'private, huge pages', \
    read('wipeonfork') using 1:2:3:4 lt 5 title 'MADV\_WIPEONFORK', \
    read('dontfork') using 1:2:3:4 lt 4 title 'MADV\_DONTFORK', \
    read('shared') using 1:2:3:4 lt 3 title 'shared'
