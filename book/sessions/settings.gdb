# SPDX-License-Identifier: MIT
# settings.gdb -- what gdb is told before step 1 of every narrated session, so
# that two machines say the same.  Read by player.py; at home: gdb -x this PROG.
set confirm off
set pagination off
set width 0
set height 0
set style enabled off
set history save off
# A target answers when it gets the processor, which a busy machine may take long
# to give it; whoever hangs meets the session's deadline.
set remotetimeout 300
# A stop fits a line of 80.
set filename-display basename
set print thread-events off
# The C library's symbols are here on one machine and not on the next.
set debuginfod enabled off
set debug-file-directory /nonexistent
# One thread a process: without its thread library gdb says "process 123", not
# "Thread 0x7ffff7d8c740 (LWP 123)".
set auto-load libthread-db off
set libthread-db-search-path /nonexistent
