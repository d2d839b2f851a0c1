./shapes alone | tail -n 1
./shapes batches | tail -n 1
./shapes any-first | tail -n 1
./shapes in-order | tail -n 1
