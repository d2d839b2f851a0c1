# uses: build/explorer/libsplit.a
./drain >log
sed -n '1,14p;23,25p' log
tail -n 4 log
