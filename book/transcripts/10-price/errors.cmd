# normalise: s/[0-9][0-9]*\.[0-9][0-9]*/N/g
# normalise: s/[0-9][0-9]* us/N us/g
./errors
