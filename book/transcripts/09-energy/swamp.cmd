# limit: 100
# uses: build/explorer/libsplit.a
for n in 4 8 16 32; do echo "fixed $n $(./decoys $n 21)"; done
for n in 4 8 16 32; do echo "adaptive $n $(./decoys $n 21 48)"; done
