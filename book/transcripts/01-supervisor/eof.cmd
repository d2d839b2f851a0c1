./eof
