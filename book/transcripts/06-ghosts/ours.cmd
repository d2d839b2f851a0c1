# uses: build/dynarec/show
./show
./show 3 8 | tail -n 3
