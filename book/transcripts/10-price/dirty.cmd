# uses: book/data/10-price/fork.txt
awk -f rows.awk of='written' at='1|32|512|8192' fork.txt
