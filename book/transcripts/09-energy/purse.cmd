# uses: build/explorer/libsplit.a
./purse
