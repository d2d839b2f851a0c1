# uses: build/explorer/tests/defects-model build/explorer/tests/defects-ours
./defects-model defect-13 || echo failed
./defects-model defect-15 || echo failed
./defects-ours defect-13 && ./defects-ours defect-15 && echo passed
