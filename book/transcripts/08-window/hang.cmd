# uses: build/lab-8/book/trouble
./trouble hang
