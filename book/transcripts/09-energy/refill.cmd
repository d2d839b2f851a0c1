# uses: build/explorer/tests/defects-model build/explorer/tests/defects-ours
./defects-model defect-07 || echo failed
./defects-ours defect-07 && echo passed
