# uses: book/data/10-price/store.txt
cat store.txt
