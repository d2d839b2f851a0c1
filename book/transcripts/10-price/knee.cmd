# normalise: s/[-0-9][0-9]*\.[0-9]/N/g
./knee 7
