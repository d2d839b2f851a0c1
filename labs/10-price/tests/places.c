// SPDX-License-Identifier: MIT
// places.c -- price_ops of the real machine: each place is a process that does
// as it is told over a socket.  Used by the judge (test real) and by run.c.
// Book: chapter 10.
#include "places.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, HUGE = 2 << 20, PLACES = 32 };

enum command { ADVISE, TOUCH, HUGE_PAGES, FORK, ENDED, REAP };

struct question {
    enum command command;
    long a, b;
};

struct reply {
    long result;
    int64_t used;   // of the core, by the place and its reaped children
};

static struct {
    pid_t pid;
    int fd;
    int64_t used;
} places[PLACES];
static int nplaces;
static int64_t gone;      // what places that are no more had used
static cpu_set_t before;
static int pinned;

// ------------------------------------------------------------ the place's side

static char *base;
static size_t length;

static long
huge_pages(void)
{
    char line[256];
    unsigned long from, to, kb;
    long n = 0;
    int inside = 0;
    FILE *f = fopen("/proc/self/smaps", "r");
    while (f && fgets(line, sizeof(line), f)) {
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            inside = from < (unsigned long)base + length &&
                     to > (unsigned long)base;
        else if (inside && sscanf(line, "AnonHugePages: %lu", &kb) == 1)
            n += (long)kb / 4;
    }
    if (f)
        fclose(f);
    return n;
}

static long
again(int options, pid_t pid)
{
    siginfo_t info;
    return waitid(P_PID, (id_t)pid, &info, WEXITED | options) < 0 ? -errno : 0;
}

static long
obey(const struct question *q)
{
    pid_t pid;
    switch (q->command) {
    case ADVISE:
        if (!length || !madvise(base, length, q->a == PRICE_HUGE
                                ? MADV_HUGEPAGE : MADV_NOHUGEPAGE))
            return 0;
        // Where the kernel has no huge pages, all are small already.
        return q->a == PRICE_SMALL && errno == EINVAL ? 0 : -ENOTSUP;
    case TOUCH:
        for (long i = q->a; i < q->a + q->b; i++)
            if ((size_t)i * PAGE < length)
                base[i * PAGE] = 1;
        return 0;
    case HUGE_PAGES:
        return huge_pages();
    case FORK:
        pid = fork();
        if (pid == 0)
            _exit(0);
        return pid < 0 ? -errno : pid;
    case ENDED:
        return again(WNOWAIT, (pid_t)q->a);
    default:
        return again(0, (pid_t)q->a);
    }
}

static int64_t
used(void)
{
    struct rusage u;
    struct timespec t;
    getrusage(RUSAGE_CHILDREN, &u);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec + t.tv_sec) * 1000000000 +
           (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000 + t.tv_nsec;
}

static _Noreturn void
place_main(int fd, size_t pages)
{
    struct question q;
    struct reply r = {0, 0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    length = pages * PAGE;
    base = mmap(NULL, length + HUGE, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        r.result = -errno;
    else
        base += -(uintptr_t)base % HUGE;
    for (;;) {
        r.used = used();
        if (send(fd, &r, sizeof(r), MSG_NOSIGNAL) != sizeof(r) ||
            recv(fd, &q, sizeof(q), 0) != sizeof(q))
            _exit(0);
        r.result = obey(&q);
    }
}

// ---------------------------------------------------------- this process' side

static long
hear(int place)
{
    struct reply r;
    if (recv(places[place].fd, &r, sizeof(r), 0) != sizeof(r))
        return -EPIPE;
    places[place].used = r.used;
    return r.result;
}

static long
tell(int place, enum command command, long a, long b)
{
    struct question q = {command, a, b};
    if (place < 0 || place >= nplaces || places[place].pid <= 0)
        return -EINVAL;
    if (send(places[place].fd, &q, sizeof(q), MSG_NOSIGNAL) != sizeof(q))
        return -EPIPE;
    return hear(place);
}

static int64_t
real_now(void *m)
{
    int64_t sum = gone;
    (void)m;
    for (int i = 0; i < nplaces; i++)
        sum += places[i].pid > 0 ? places[i].used : 0;
    return sum;
}

static int
real_pin(void *m, int core)
{
    cpu_set_t one;
    (void)m;
    if (core < 0) {
        if (pinned)
            sched_setaffinity(0, sizeof(before), &before);
        pinned = 0;
        return 0;
    }
    if (!pinned)
        sched_getaffinity(0, sizeof(before), &before);
    CPU_ZERO(&one);
    CPU_SET((size_t)core, &one);
    if (sched_setaffinity(0, sizeof(one), &one) < 0)
        return -errno;
    pinned = 1;
    return 0;
}

static int
real_map(void *m, size_t pages)
{
    int s[2];
    (void)m;
    if (nplaces == PLACES)
        return -EAGAIN;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s) < 0)
        return -errno;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        for (int fd = 3; fd < 256; fd++)
            if (fd != s[1])
                close(fd);
        place_main(s[1], pages);
    }
    int error = errno;
    close(s[1]);
    if (pid < 0) {
        close(s[0]);
        return -error;
    }
    places[nplaces].pid = pid;
    places[nplaces].fd = s[0];
    places[nplaces].used = 0;
    long r = hear(nplaces);
    return r < 0 ? (int)r : nplaces++;
}

static int
real_advise(void *m, int place, enum price_pages kind)
{
    (void)m;
    return (int)tell(place, ADVISE, kind, 0);
}

static int
real_touch(void *m, int place, size_t first, size_t count)
{
    (void)m;
    return (int)tell(place, TOUCH, (long)first, (long)count);
}

static long
real_huge(void *m, int place)
{
    (void)m;
    return tell(place, HUGE_PAGES, 0, 0);
}

// A child's number does not say whose it is: remember.
static struct {
    int child, place;
} children[PLACES * 4];

static int
place_of(int child)
{
    for (int i = 0; i < PLACES * 4; i++)
        if (child > 0 && children[i].child == child)
            return i;
    return -1;
}

static int
real_fork(void *m, int place)
{
    (void)m;
    long pid = tell(place, FORK, 0, 0);
    for (int i = 0; i < PLACES * 4 && pid > 0; i++)
        if (!children[i].child) {
            children[i].child = (int)pid;
            children[i].place = place;
            return (int)pid;
        }
    return pid > 0 ? -EAGAIN : (int)pid;
}

static int
real_ended(void *m, int child)
{
    int i = place_of(child);
    (void)m;
    return i < 0 ? -ECHILD : (int)tell(children[i].place, ENDED, child, 0);
}

static int
real_reap(void *m, int child)
{
    int i = place_of(child);
    (void)m;
    if (i < 0)
        return -ECHILD;
    int r = (int)tell(children[i].place, REAP, child, 0);
    if (r == 0)
        children[i].child = 0;
    return r;
}

static int
real_unmap(void *m, int place)
{
    (void)m;
    if (place < 0 || place >= nplaces || places[place].pid <= 0)
        return -EINVAL;
    close(places[place].fd);  // it hears that, and goes
    waitpid(places[place].pid, NULL, 0);
    gone += places[place].used;
    places[place].pid = 0;
    return 0;
}

const struct price_ops *
places_ops(void)
{
    static const struct price_ops ops = {
        NULL, real_now, real_pin, real_map, real_advise, real_touch,
        real_huge, real_fork, real_ended, real_reap, real_unmap,
    };
    return &ops;
}

void
places_end(void)
{
    for (int i = 0; i < nplaces; i++)
        if (places[i].pid > 0)
            real_unmap(NULL, i);
    real_pin(NULL, -1);
}

int
places_core(void)
{
    cpu_set_t set;
    int last = 0;
    sched_getaffinity(0, sizeof(set), &set);
    for (int i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET((size_t)i, &set))
            last = i;
    return last;
}
