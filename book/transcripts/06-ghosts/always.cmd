# uses: build/dynarec/ghosts-always
./ghosts-always untouched
