./libc
cat file
