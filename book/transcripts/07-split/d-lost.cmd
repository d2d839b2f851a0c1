# limit: 40
# uses: build/explorer/tests/defects-model build/explorer/tests/defects-ours
sh both.sh 02
sh both.sh 03
