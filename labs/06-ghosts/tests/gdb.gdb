# SPDX-License-Identifier: MIT
# gdb.gdb -- what `make gdb-6` says to gdb first: follow the child, and stop
# where your function is called in it.  Book: chapter 6.
set breakpoint pending on
set print frame-arguments all
handle SIGUSR1 nostop noprint pass
set detach-on-fork off
set schedule-multiple on
break inuse_after_fork
echo Type run: gdb stops in the child of the test's fork, in your function.\n
echo Its blocks: print d->chunk[0].block[0]@16 ; its stack: x/40gx $sp\n
echo Where nothing is live in there, look into d->chunk[1].\n
