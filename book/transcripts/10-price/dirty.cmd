# uses: book/data/10-price/fork.txt
awk -f rows.awk group='pages written' only='/(1|32|512|8192)$' fork.txt
