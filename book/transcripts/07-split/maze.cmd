# normalise: s/"seconds":[0-9.e+-]*/"seconds":T/
# uses: build/explorer/examples/maze
./maze --depth 0 --seeds 1000 | cut -d, -f 1-4
./maze | sed 's/ -> .* -> / -> ... -> /' | cut -d, -f 1-4
