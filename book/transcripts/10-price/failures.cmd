# uses: book/data/10-price/fork.txt
sed -n '/^When there is no more/,/NPROC/p' fork.txt
