./eintr
./eintr restart
