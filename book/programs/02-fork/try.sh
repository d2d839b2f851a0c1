#!/bin/sh
# SPDX-License-Identifier: MIT
# try.sh -- boot a kernel whose fork.c has been changed: try.sh SED-SCRIPT
# OPTIONS.  Prints the lines that differ, and then what boot.sh prints.
set -eu
sed "$1" kernel/fork.c >fork.c
diff kernel/fork.c fork.c | sed -n 's/^< */- /p; s/^> *\(.\)/+ \1/p'
rm -f fork.o
# The flags are a list of words.
# shellcheck disable=SC2046
gcc $(cat cflags) -w -Ikernel -c -o changed.o fork.c
sh kernel/link.sh changed.elf ./*.o
sh boot.sh "$2" changed.elf
