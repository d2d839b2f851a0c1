# SPDX-License-Identifier: MIT
# gdb.gdb -- what `make gdb-5` says to gdb first.  Under gdb the test's first
# run takes place in the process that gdb has, not in one forked for it.
# Book: chapter 5.
set breakpoint pending on
set print frame-arguments all
set detach-on-fork off
set follow-fork-mode parent
set schedule-multiple on
break sched_gate
break give_up
echo Type run: gdb stops in sched_gate() just before a fork, if the test\n
echo chooses its moment, and in give_up() in a process that is stuck.\n
echo info inferiors: the processes.  info threads: who there is, and where.\n
