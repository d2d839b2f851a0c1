# SPDX-License-Identifier: MIT
# gdb.gdb -- what `make gdb-5` says to gdb first.  The test takes its course in
# processes that gdb lets go; then its last run, the one that failed if one did,
# is made once more, in the process that gdb has.  Book: chapter 5.
set breakpoint pending on
set print frame-arguments all
set print inferior-events off
set print thread-events off
break run_again
commands
silent
set detach-on-fork off
set schedule-multiple on
set print inferior-events on
break sched_gate
break give_up
echo \nIts last run begins again here: the one that failed, if any did.\n
echo continue: gdb stops in
echo sched_gate() just before a fork whose moment the test chooses, and in\n
echo give_up() in a process that is stuck.  info threads -gid: who there is,\n
echo and where (thread 1.2: the second thread of process 1).\n
end
echo Type run.\n
