# uses: build/explorer/examples/lock
./lock --seed 2 | head -n 1 | tee bug | fold -s -w 76
recipe=$(sed 's/.*\[\(.*\)\]/\1/' bug)
./lock --replay "$recipe"
./lock --replay "$recipe"
