# uses: build/explorer/tests/defects-model build/explorer/tests/defects-ours
./defects-model defect-12 || echo failed
./defects-ours defect-12 && echo passed
