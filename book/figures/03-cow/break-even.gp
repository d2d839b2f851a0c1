# break-even.gp -- fork, n writes, exit and wait, eager against lazy, for 1,024
# pages: drawn from the recorded run `bench`.
# uses: book/transcripts/03-cow/bench.out
run = '< awk "\$1 == 1024 && NF == 6" '.dir.'../../transcripts/03-cow/bench.out'
set xlabel 'pages written by the child, of 1,024'
set ylabel 'thousands of instructions'
set xrange [0:1024]
set yrange [0:2600]
set xtics 128
set ytics 500
plot run using 2:5 with linespoints lt 2 title 'eager, all told', \
    run using 2:6 with linespoints lt 1 title 'lazy, all told', \
    run using 2:3 with lines lt 2 dt 2 title 'eager, fork alone', \
    run using 2:4 with lines lt 1 dt 2 title 'lazy, fork alone'
