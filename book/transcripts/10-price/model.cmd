# uses: book/data/10-price/fork.txt
sed -n '/fitted to core time/,/worst/p' fork.txt | cut -c 1-79
