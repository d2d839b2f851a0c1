# normalise: s/-[0-9][0-9]*/-N/
# uses: build/explorer/tests/defects-model build/explorer/tests/defects-ours
./defects-model defect-06 || echo failed
./defects-ours defect-06 && echo passed
