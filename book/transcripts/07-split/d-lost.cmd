# normalise: s/while [1-4] child.* ran/while N children ran/
# normalise: s/[0-9] bugs expected, [0-9] came/N bugs expected, M came/
# uses: build/explorer/tests/defects-model build/explorer/tests/defects-ours
sh both.sh 02
sh both.sh 03
