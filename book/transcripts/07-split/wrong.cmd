# uses: build/explorer/examples/lock
./lock --replay 'lock/2: 421@9239868121102618427 -> 90 83@97'
./lock --replay 'maze/2: 421@9239868121102618427'
./lock --replay 'lock/2: 421@9239868121102618427 -> 99999@1' 2>&1 | fold -s -w 76
