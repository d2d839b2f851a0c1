# uses: build/explorer/libsplit.a
for k in 1 2 3; do echo "plain $k $(./chain 20 $k 0 21)"; done
for k in 1 2 3 4 5; do echo "fixed $k $(./chain 20 $k 60 21)"; done
for k in 1 2 3 4 5; do echo "adaptive $k $(./chain 20 $k 60 21 adaptive)"; done
