// SPDX-License-Identifier: MIT
// harness.h -- one test in a process of its own, with a limit; used by
// defects.c, suite.c and chaos.c.
#ifndef HARNESS_H
#define HARNESS_H

#include <dirent.h>
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
    _Atomic int signals;
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
    board->failed = 1;
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

#define LOOK_MS 100                 // whether a group of processes works

// How long a test may take, in seconds.  Time in which it works is counted by
// the processor, not by the clock: a loaded machine may need any time for it.
struct patience {
    int asleep_s;                   // while all of its processes sleep
    int busy_s;                     // of processor time: more is a loop
    int wall_s;                     // in all; 0: any time
};

struct group_work {
    unsigned running;               // processes that run, or wait to
    unsigned long ticks;            // of processor time, of all that live
};

// What the processes of a group do now.
static inline struct group_work
work_of_group(pid_t group)
{
    struct group_work work = {0};
    DIR *d = opendir("/proc");
    struct dirent *e;

    while (d && (e = readdir(d))) {
        unsigned long user, system, reaped_user, reaped_system;
        char path[280], line[512], state, *p;
        FILE *f;
        int g;

        snprintf(path, sizeof(path), "/proc/%s/stat", e->d_name);
        if (e->d_name[0] < '1' || e->d_name[0] > '9' ||
            !(f = fopen(path, "re")))
            continue;
        // The name, in parentheses, may hold anything.
        if (fgets(line, sizeof(line), f) && (p = strrchr(line, ')')) &&
            sscanf(p + 1, " %c %*d %d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu "
                   "%lu %lu", &state, &g, &user, &system, &reaped_user,
                   &reaped_system) == 6 && g == group) {
            work.running += state == 'R' || state == 'D';
            work.ticks += user + system + reaped_user + reaped_system;
        }
        fclose(f);
    }
    if (d)
        closedir(d);
    return work;
}

// The test in a process group of its own, which dies with it or in time.
static inline int
run_apart(void (*run)(void), const struct patience *most)
{
    long tick = sysconf(_SC_CLK_TCK), asleep = 0;     // looks
    struct group_work work = {0};
    time_t since = time(NULL);
    pid_t host = getpid(), pid;
    int status = 0;

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
        _exit(board->failed);
    }
    setpgid(pid, pid);
    for (int look = 1; asleep < most->asleep_s * 100; look++) {
        if (waitpid(pid, &status, WNOHANG) == pid)
            goto ended;
        nap_ms(10);
        if (look % (LOOK_MS / 10) == 0)
            work = work_of_group(pid);
        asleep += !work.running;
        if ((long)work.ticks >= most->busy_s * tick ||
            (most->wall_s && time(NULL) - since > most->wall_s))
            break;
    }
    printf("# it hangs: no end after %d s\n", most->asleep_s);
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
