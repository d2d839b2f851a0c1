# uses: build/explorer/libsplit.a
for n in 3 6 12 24; do echo "fixed $n $(./decoys $n 21)"; done
for n in 3 6 12 24; do echo "adaptive $n $(./decoys $n 21 48 6)"; done
for own in 12 24; do echo "own $own $(./decoys 6 21 48 $own)"; done
