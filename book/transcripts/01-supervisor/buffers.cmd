./tty ./buffers
./buffers | cat
