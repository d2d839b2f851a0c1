# uses: build/dynarec/ghosts-count
./ghosts-count stale-words
