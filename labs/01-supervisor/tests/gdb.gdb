# SPDX-License-Identifier: MIT
# gdb.gdb -- what `make gdb-1` says to gdb first: stop where supervise() is
# called.  Book: chapter 1.
set breakpoint pending on
set print frame-arguments all
handle SIGALRM nostop noprint pass
break supervise
echo Type run: gdb stops where the test calls supervise().\n
echo There, to follow the child of the next fork: set follow-fork-mode child\n
echo To keep both sides: set detach-on-fork off, then info inferiors\n
echo A child of clone() without an exit signal is a thread to gdb, and a\n
echo breakpoint in it ends in SIGILL: give clone() SIGCHLD while you debug.\n
