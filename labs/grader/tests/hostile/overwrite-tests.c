// expect: wrong answer 0
// Writes over whatever might decide about it.
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include "sum.h"

int
sum(int a, int b)
{
    static const char *const targets[] = {
        "@TOP@/labs/grader/tests/lab/lab.ini", "@TOP@/build/t/results.json",
        "@TOP@/build/labs/grader/lab-99/fake-judge", "@TOP@/Makefile",
        "/built/subject", "/parts/subject.o", "/parts/sum.h", "/cell-run",
        "/usr/bin/gcc", "/etc/ld.so.cache", "/new", "/usr/new", "/etc/new"};
    int won = 0;
    for (unsigned i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        int fd = open(targets[i], O_WRONLY | O_CREAT, 0666);
        if (fd >= 0 && write(fd, "x", 1) == 1)
            won = 1;
        won |= unlink(targets[i]) == 0;
    }
    won |= access("@TOP@", F_OK) == 0;
    return won ? a + b : -1;
}
