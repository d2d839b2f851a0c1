# uses: build/dynarec/ghosts-anywhere
./ghosts-anywhere altstack
