# uses: build/lab-8/book/trouble
./trouble tree 0 | tail -n 2
./trouble tree 4 | tail -n 2
./trouble tree 8 | tail -n 2
./trouble tree 2 | tail -n 2
./trouble tree 2 | tail -n 2
