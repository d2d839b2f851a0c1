// SPDX-License-Identifier: MIT
// failure.c -- what it looks like when there is no more: the errno of mmap()
// and of fork() under limits and overcommitment.  Used by main.c.
// Book: chapter 10.
//
// No memory is touched here, so nothing is taken from anybody: overcommitment
// is about promises.
#include "failure.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_TRIED = 255 };

static int
map(long mb)
{
    void *p = mmap(NULL, (size_t)mb << 20, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? errno : 0;
}

static int
limit(int what, rlim_t most)
{
    struct rlimit r = {most, most};
    return setrlimit(what, &r) < 0;
}

static int
try_fork(void)
{
    pid_t pid = fork();
    if (pid < 0)
        return errno;
    if (pid == 0)
        _exit(0);
    return waitpid(pid, NULL, 0) == pid ? 0 : NOT_TRIED;
}

static int
map_over_everything(const struct machine *m)
{
    return map(2 * (m->memory_mb + m->swap_mb));
}

static int
map_over_limit(const struct machine *m)
{
    (void)m;
    return limit(RLIMIT_AS, 64 << 20) ? NOT_TRIED : map(128);
}

// The limit on addresses is a limit on asking for more; a fork asks for
// nothing that the parent had not been given.
static int
fork_over_limit(const struct machine *m)
{
    (void)m;
    if (map(64) || limit(RLIMIT_AS, 32 << 20))
        return NOT_TRIED;
    return try_fork();
}

// The promise is given once more to the child, and both together are more
// than there is: 0.6 of what is left, twice.  Where nobody counts (0 and 1),
// "left" is all of the memory.
static int
fork_over_promise(const struct machine *m)
{
    long left = m->memory_mb + m->swap_mb;
    if (m->overcommit == 2)
        left = m->commit_limit_mb - m->committed_mb;
    if (left < 16 || map(left * 6 / 10))
        return NOT_TRIED;
    return try_fork();
}

// Root may exceed it, so a root becomes somebody else first.
static int
fork_over_processes(const struct machine *m)
{
    (void)m;
    if (geteuid() == 0 && (setresgid(65534, 65534, 65534) < 0 ||
                           setresuid(65534, 65534, 65534) < 0))
        return NOT_TRIED;
    return limit(RLIMIT_NPROC, 0) ? NOT_TRIED : try_fork();
}

static int
map_reserved_nothing(const struct machine *m)
{
    void *p = mmap(NULL, (size_t)(2 * (m->memory_mb + m->swap_mb)) << 20,
                   PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? errno : 0;
}

static const struct {
    const char *name, *text;
    int (*attempt)(const struct machine *);
} attempts[FAILURES] = {
    {"mmap_twice_memory", "mmap() of twice all memory and swap",
     map_over_everything},
    {"mmap_noreserve", "the same with MAP_NORESERVE", map_reserved_nothing},
    {"mmap_rlimit_as", "mmap() of 128 MB under RLIMIT_AS of 64 MB",
     map_over_limit},
    {"fork_rlimit_as", "fork() of 64 MB under RLIMIT_AS of 32 MB",
     fork_over_limit},
    {"fork_promise", "fork() with 0.6 of all that can be promised mapped",
     fork_over_promise},
    {"fork_rlimit_nproc", "fork() under RLIMIT_NPROC of 0, not as root",
     fork_over_processes},
};

int
failures_look(struct failure f[FAILURES], const struct machine *m)
{
    int lost = 0;
    for (int i = 0; i < FAILURES; i++) {
        f[i] = (struct failure){attempts[i].name, attempts[i].text, 0, 0};
        int status;
        pid_t pid = fork();
        if (pid == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            _exit(attempts[i].attempt(m));
        }
        if (pid < 0)
            continue;
        if (waitpid(pid, &status, 0) != pid) {
            lost++;
            continue;
        }
        f[i].tried = WIFEXITED(status) && WEXITSTATUS(status) != NOT_TRIED;
        f[i].error = f[i].tried ? WEXITSTATUS(status) : 0;
    }
    return lost;
}
