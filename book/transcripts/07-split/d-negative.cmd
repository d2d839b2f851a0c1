# normalise: s/became -[0-9]*/became -N/
# uses: build/explorer/tests/defects-model build/explorer/tests/defects-ours
sh both.sh 06
