# uses: build/dynarec/ghosts-one
./ghosts-one nested
