# uses: book/programs/07-split/sim/draws.c explorer/include/split.h
# uses: build/explorer/libsplit.a
gcc -I. -o draws draws.c libsplit.a
./draws
