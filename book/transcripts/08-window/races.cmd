# normalise: s/run [0-9][0-9]* differs/run N differs/
# uses: build/explorer/tests/defects-model
./defects-model defect-09
