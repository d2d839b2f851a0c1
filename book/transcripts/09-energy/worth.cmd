# limit: 60
# uses: build/explorer/libsplit.a
./chain 20 1 0 21
./chain 20 2 0 21
./chain 20 3 0 21
for k in 1 2 3 4 5; do ./chain 20 $k 60 21; done
for k in 1 2 3 4 5; do ./chain 20 $k 60 21 adaptive; done
