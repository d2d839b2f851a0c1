# uses: build/explorer/libsplit.a
for n in 4 8 16 32 64 128; do echo "$n $(./chain 20 3 $n 21)"; done
