# uses: book/data/10-price/fork.txt
awk -f rows.awk group='fork, against (mappings|threads|open)' only='/(64|8192)$' fork.txt
