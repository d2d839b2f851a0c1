# uses: book/figures/08-window/memory.dat
cat memory.dat
