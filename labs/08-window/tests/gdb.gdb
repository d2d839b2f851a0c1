# SPDX-License-Identifier: MIT
# gdb.gdb -- what `make gdb-8` says to gdb first: into the root timeline, and
# stop at its first split.  Book: chapter 8.
set breakpoint pending on
set follow-fork-mode child
break window_split
echo Type run: gdb follows the warden, then the root timeline, and stops at its\n
echo first split.  From there it follows each child; to stay with the root: set\n
echo follow-fork-mode parent.  The judge waits for you; when all sleep it says\n
echo what it expects, and ^C stops the one that you are in.\n
echo "print (enum slot_state)self.world->slots[1].state" says what slot 1 does.\n
