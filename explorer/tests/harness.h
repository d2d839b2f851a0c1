// SPDX-License-Identifier: MIT
// harness.h -- one test in a process of its own, with a limit of time; used by
// defects.c, suite.c and chaos.c.
#ifndef HARNESS_H
#define HARNESS_H

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "split.h"

// Shared by all processes of a test.
struct board {
    _Atomic int failed, alive, helper_status, epilogues, children, n_pids;
    _Atomic int pids[4096];
    _Atomic uint64_t seeds[4096];
    _Atomic int n_seeds;
};
static struct board *board;

static void
complain(const char *format, ...)
{
    va_list ap;

    printf("# ");
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    printf("\n");
    fflush(stdout);
    board->failed++;
}

#define EXPECT(condition, ...) \
    do { \
        if (!(condition)) \
            complain(__VA_ARGS__); \
    } while (0)

// The end of a simulation, for hosts whose timelines end themselves.
static inline int
leave(int code)
{
    if (split_is_child())
        split_end(code);
    return code;
}

static inline void
nap_ms(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};

    while (nanosleep(&t, &t) && errno == EINTR)
        ;
}

// The test in a process group of its own, which dies with it, or when it has
// not ended, and not complained of anything, for so many seconds.
static inline int
run_apart(void (*run)(void), int limit_s)
{
    pid_t host = getpid(), pid;
    int status = 0, seen = 0;

    board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    fflush(stdout);
    if ((pid = fork()) == 0) {
        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != host)
            _exit(1);
        run();
        fflush(stdout);
        _exit(board->failed != 0);
    }
    setpgid(pid, pid);
    for (int left = limit_s * 100; left > 0; left--) {
        if (waitpid(pid, &status, WNOHANG) == pid)
            goto ended;
        if (board->failed != seen) {
            seen = board->failed;
            left = limit_s * 100;
        }
        nap_ms(10);
    }
    printf("# it hangs: no end after %d s\n", limit_s);
    kill(-pid, SIGKILL);
    waitpid(pid, &status, 0);
    status = 256;
ended:
    if (WIFSIGNALED(status))
        printf("# died of signal %d\n", WTERMSIG(status));
    kill(-pid, SIGKILL);                // what it may have left in its group
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    return status != 0 || board->failed;
}

#endif
