# uses: book/data/10-price/fork.txt
sed -n 1,3p fork.txt
