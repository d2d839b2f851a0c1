# shapes.gp -- twelve children in four orders: drawn from the recorded run
# `all-shapes`.  Dark: at work; pale: ended, and not waited for yet.
# uses: book/transcripts/08-window/all-shapes.out
run = dir.'../../transcripts/08-window/all-shapes.out'
shape(s) = '< awk "\$1 == \"'.s.'\" && \$3 == \"starts\"" '.run
array names[4] = ['alone', 'batches', 'any-first', 'in-order']
array base[4] = [42, 28, 14, 0]
set xlabel 'beats'
set xrange [0:40]
set yrange [-1:55]
set ytics ('alone' 48, 'batches' 34, 'any first' 20, 'in order' 6)
set xtics 5
set style fill solid noborder
set key off
plot for [i = 1:4] shape(names[i]) using 6:(base[i] + 11 - $2):6:8:\
        (base[i] + 10.65 - $2):(base[i] + 11.35 - $2) with boxxyerror \
        lc rgb '#d6e6f5', \
    for [i = 1:4] shape(names[i]) using 4:(base[i] + 11 - $2):4:6:\
        (base[i] + 10.65 - $2):(base[i] + 11.35 - $2) with boxxyerror \
        lc rgb '#0b62a4'
