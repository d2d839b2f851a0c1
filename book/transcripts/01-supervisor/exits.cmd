./exits exit | cat
./exits _exit | cat
