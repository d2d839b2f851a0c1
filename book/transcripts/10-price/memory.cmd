# uses: book/data/10-price/fork.txt
awk -f rows.awk of='against memory' fork.txt
