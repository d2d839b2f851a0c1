# uses: book/data/10-price/fork.txt
awk -f rows.awk of='mappings|threads|open' at='64|8192' fork.txt
