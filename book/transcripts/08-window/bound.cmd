# uses: build/lab-8/book/crowd
./crowd 2 3
./crowd 4 2
./crowd 4 3
./crowd 8 3
