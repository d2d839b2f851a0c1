// SPDX-License-Identifier: MIT
// gdb_buffers.c -- a line in a stdio buffer while the process forks: of the
// narrated gdb sessions.  Book: chapter 1.
#include <sys/wait.h>

#include "demo.h"

static FILE *out;  // gdb knows the type of this one, and not of stdout

static long
waiting(void)
{
    return out->_IO_write_ptr - out->_IO_write_base;
}

int
main(void)
{
    out = stdout;
    fprintf(out, "Once upon a time\n");
    if (waiting() == 0)
        say("(nothing waits in the buffer)");

    pid_t pid = must(fork());
    if (pid != 0)
        must(waitpid(pid, NULL, 0));
    exit(0);
}
