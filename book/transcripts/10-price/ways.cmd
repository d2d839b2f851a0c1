# uses: book/data/10-price/fork.txt
awk -f rows.awk of='other ways' at='0|64|1024' fork.txt
