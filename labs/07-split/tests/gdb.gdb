# SPDX-License-Identifier: MIT
# gdb.gdb -- what `make gdb-7` says to gdb first: stop where timelines split.
# Book: chapter 7.
set breakpoint pending on
set print frame-arguments all
set detach-on-fork on
break loop_discovery
handle SIGUSR1 nostop noprint pass
set follow-fork-mode child
echo Type run: gdb follows the warden, then the root timeline, and stops at its\n
echo first discovery.  From there it follows each child; to stay with the\n
echo parent: set follow-fork-mode parent\n
echo Where a test makes no discovery (seeds, spread): break split_child_seed first.\n
