# uses: book/data/10-price/fork.txt
awk -f rows.awk group='fork, against memory' fork.txt
