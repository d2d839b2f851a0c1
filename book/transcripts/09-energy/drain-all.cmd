# uses: build/explorer/libsplit.a
./drain
