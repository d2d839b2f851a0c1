# SPDX-License-Identifier: MIT
# ways.gp -- other ways than fork, against private memory in 4 KiB pages.
# uses: build/book/data/10-price/fork.json
file = 'build/book/data/10-price/fork.json'
read(way, group) = sprintf("< lua5.4 %sjson.lua %s rows %s small nobody %s", \
    dir, file, way, group)
set title system('lua5.4 '.dir.'json.lua '.file.' machine') noenhanced
set xlabel 'memory written to before, MB'
set ylabel 'core time, µs'
set logscale xy
set xrange [0.2:1500]
set yrange [4:200000]
set format y '%g'
set xtics ('0' 0.25, '1' 1, '4' 4, '16' 16, '64' 64, '256' 256, '1024' 1024)
set style data linespoints
set key noenhanced
at(x) = x > 0 ? x : 0.25
plot read('fork_exec', 'ways') using (at($1)):2 lt 2 title 'fork and exec', \
    read('fork', 'memory') using (at($1)):2 lt 1 title 'fork', \
    read('posix_spawn', 'ways') using (at($1)):2 lt 3 title 'posix_spawn', \
    read('vfork', 'ways') using (at($1)):2 lt 4 title 'vfork', \
    read('pthread_create', 'ways') using (at($1)):2 lt 5 \
        title 'pthread_create, join', \
    read('pool', 'ways') using (at($1)):2 lt 6 title 'a process made before'
