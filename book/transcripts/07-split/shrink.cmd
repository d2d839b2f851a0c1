# uses: build/explorer/examples/lock build/explorer/examples/sched
./sched --shrink | sed 's/,"energy.*/, .../' | fold -s -w 76
./lock --seed 1 --shrink | sed 's/,"energy.*/, .../' | fold -s -w 76
