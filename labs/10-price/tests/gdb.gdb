# SPDX-License-Identifier: MIT
# gdb.gdb -- what `make gdb-10` says to gdb first: stop where the test calls
# one of the functions.  Book: chapter 10.
set breakpoint pending on
break price_measure
break price_fit
break price_spawn
echo Type run: gdb stops where the test calls your function.\n
echo The judge waits for you.  What it sees by tracing it cannot see now.\n
