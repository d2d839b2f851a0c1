./outcomes 'A(B)Cw' | sort -u
./outcomes 'A(BC)(DE)wwF' | sort -u
./outcomes 'fAfB' | sort -u
