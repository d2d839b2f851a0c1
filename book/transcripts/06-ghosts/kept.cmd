# uses: build/dynarec/show-kept
./show-kept
