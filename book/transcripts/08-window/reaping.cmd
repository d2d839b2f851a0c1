# normalise: s/while [0-9][0-9]* children/while N children/
# normalise: s/[0-3] came/N came/
# uses: build/explorer/tests/defects-model build/explorer/tests/defects-ours
./defects-model defect-02
./defects-model defect-03
./defects-ours defect-02 && ./defects-ours defect-03 && echo both well
