# uses: book/programs/07-split/sim/chain.c explorer/include/split.h
# uses: build/explorer/libsplit.a
gcc -O2 -I. -o chain chain.c libsplit.a
./chain 5
