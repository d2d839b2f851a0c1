# one-of: set
if [ $(($(date +%s) % 2)) = 0 ]; then echo heads; else echo tails; fi
