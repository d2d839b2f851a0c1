# uses: build/dynarec/show-zero
./show-zero
./show-zero 0
