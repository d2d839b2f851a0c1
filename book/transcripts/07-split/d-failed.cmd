# uses: build/explorer/tests/defects-model build/explorer/tests/defects-ours
sh both.sh 15
