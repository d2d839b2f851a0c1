# uses: book/data/10-price/fork.txt
awk -f rows.awk group='other ways' only='/(0|64|1024)$' fork.txt
