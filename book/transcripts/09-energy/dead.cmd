# uses: build/explorer/tests/defects-model build/explorer/tests/defects-ours
./defects-model defect-10 || echo failed
./defects-ours defect-10 && echo passed
