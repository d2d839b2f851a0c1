# normalise: s/# [0-9]* bits/# N bits/
# uses: build/explorer/tests/defects-model build/explorer/tests/defects-ours
./defects-model defect-04 || echo failed
./defects-ours defect-04 && echo passed
