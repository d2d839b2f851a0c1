printf 'one\ntwo\nthree\n' >three-lines
./reread _exit <three-lines
./reread exit <three-lines
