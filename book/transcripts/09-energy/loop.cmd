# normalise: s/[0-9]* of [0-9]* edges/N of N edges/
# needs: clang
# uses: build/explorer/libsplit.a explorer/include/split.h
./loop
clang -g -I. -fsanitize-coverage=inline-8bit-counters,pc-table \
    -fno-sanitize-link-runtime -o loop-counted loop.c libsplit.a
./loop-counted
