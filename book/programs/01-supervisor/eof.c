// SPDX-License-Identifier: MIT
// eof.c -- a pipe ends when the last copy of its write end is closed.
// Book: chapter 1.
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "demo.h"

static void
look(const char *when, int fd)
{
    char byte;
    ssize_t n = read(fd, &byte, 1);
    say("%s: read() says %s", when,
        n == 0 ? "end of file"
        : n == -1 && errno == EAGAIN ? "nothing yet" : "something else");
}

int
main(void)
{
    int data[2], go[2];
    must(pipe2(data, O_NONBLOCK));
    must(pipe(go));

    if (must(fork()) == 0) {  //> eof
        // Does not know of data[] at all, and holds both ends of it.
        must(close(go[1]));
        await_eof(go[0]);
        _exit(0);
    }
    must(close(data[1]));
    look("I closed my write end", data[0]);  //< eof
    must(close(go[1]));
    must(wait(NULL));
    look("the child is dead", data[0]);
    return 0;
}
