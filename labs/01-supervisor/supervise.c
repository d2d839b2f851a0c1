// SPDX-License-Identifier: MIT
// supervise.c -- lab 1: start a program, bound it, wait for all it started.
// What supervise() has to do stands in labs/grader/supervise.h.
// Book: chapter 1.
//
// This is what one writes first: fork, exec, wait.  It works for a program
// that behaves.  `make lab-1` shows what is missing; `make hint-1` gives
// advice.  On the way you will want
//   * a channel by which the child says why it could not start the program;
//   * the descriptors, the limits, the session, the signals of the child;
//   * a deadline, so something that waits for a child *and* for a time;
//   * a process between caller and program, to which orphans come.
#include "supervise.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int
supervise(const struct sv_spec *spec, struct sv_result *result)
{
    extern char **environ;
    int status;

    memset(result, 0, sizeof(*result));
    pid_t pid = fork();
    if (pid < 0)
        return -errno;
    if (pid == 0) {
        // TODO: everything that is only for the program goes here.
        execve(spec->argv[0], spec->argv, spec->envp ? spec->envp : environ);
        _exit(127);  // TODO: and how does the parent learn why?
    }
    if (waitpid(pid, &status, 0) < 0)
        return -errno;
    // TODO: a program that a signal ended; its descendants; the time.
    result->end = SV_EXITED;
    result->code = WEXITSTATUS(status);
    return 0;
}
