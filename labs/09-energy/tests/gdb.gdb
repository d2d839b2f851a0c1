# SPDX-License-Identifier: MIT
# gdb.gdb -- what `make gdb-9` says to gdb first: stop at each unit that is
# taken, and at each merge.  Book: chapter 9.
set breakpoint pending on
set print frame-arguments all
break energy_take
break novel_merge
echo Type run. At a stop, "print *e" shows the levels, "print *m" the mark.\n
