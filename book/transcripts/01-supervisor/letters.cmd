# one-of: set
./letters 'fAfB'
