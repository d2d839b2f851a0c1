// SPDX-License-Identifier: MIT
// start.c -- learn from the child whether exec() worked.  Book: chapter 1.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>

#include "demo.h"

// Start argv[0].  Returns 0, or the errno for which it could not be.
static int
start(char *const argv[], pid_t *pid)
{
    int report[2], error = 0;
    must(pipe2(report, O_CLOEXEC));
    *pid = must(fork());
    if (*pid == 0) {
        execv(argv[0], argv);
        error = errno;  // still here: exec failed
        must((int)write(report[1], &error, sizeof error));
        _exit(127);
    }
    must(close(report[1]));  // or read() would wait for ourselves
    must((int)read(report[0], &error, sizeof error));
    must(close(report[0]));
    return error;  // 0 at end of file: exec closed the child's copy
}

int
main(int argc, char *argv[])
{
    if (argc < 2)
        return 2;
    pid_t pid;
    int status, error = start(argv + 1, &pid);
    must(waitpid(pid, &status, 0));
    if (error != 0)
        say("not started: %s", strerror(error));
    else
        say("started; its exit status is %d", WEXITSTATUS(status));
    return 0;
}
