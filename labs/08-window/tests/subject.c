// SPDX-License-Identifier: MIT
// subject.c -- the host program of lab 8: runs explorations as it is ordered,
// tells what the timelines see and what came of it.  Linked with the
// submission's window.c; see talk.h.  Book: chapter 8.

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "talk.h"
#include "world.h"

// Counted by every process of a run.
struct counters {
    _Atomic unsigned forks, peak, left_open;
};
static struct counters *counters;
static struct order order;
static pid_t host;

// ---- forks -----------------------------------------------------------------

// A process's group and whether it is a zombie too; it is not gone before it is
// reaped.
static bool
is_ours(const char *pid)
{
    char path[300], line[512], *p;
    bool is = false;
    long group;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%s/stat", pid);
    if (!(f = fopen(path, "re")))
        return false;
    if (fgets(line, sizeof(line), f) && (p = strrchr(line, ')')) &&
        sscanf(p + 1, " %*c %*d %ld", &group) == 1)
        is = group == getpgrp();
    fclose(f);
    return is;
}

// How many processes there are, the host not counted.  Looking takes a while,
// in which one may end and the next be born: only those are counted that are
// there when all have been seen once, so all of them were, at one moment.
static unsigned
count_processes(void)
{
    enum { MOST = 128 };
    char seen[MOST][16];
    unsigned n_seen = 0, n = 0;
    DIR *d = opendir("/proc");
    struct dirent *e;

    if (!d)
        return 0;
    while ((e = readdir(d)) && n_seen < MOST)
        if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && is_ours(e->d_name))
            snprintf(seen[n_seen++], sizeof(seen[0]), "%.15s", e->d_name);
    closedir(d);
    for (unsigned i = 0; i < n_seen; i++)
        n += is_ours(seen[i]);
    return n > 0 ? n - 1 : 0;
}

// The system's fork, which counts, and fails when the judge said so.
static pid_t
counting_fork(void)
{
    unsigned number = atomic_fetch_add(&counters->forks, 1), n, peak;
    pid_t pid;

    if ((number >= order.fork_from && number < order.fork_to) ||
        (order.fork_limit && count_processes() >= order.fork_limit)) {
        errno = EAGAIN;
        return -1;
    }
    pid = fork();
    if (pid <= 0)
        return pid;
    n = count_processes();
    peak = atomic_load(&counters->peak);
    while (n > peak &&
           !atomic_compare_exchange_weak(&counters->peak, &peak, n))
        ;
    return pid;
}

// ---- the walk --------------------------------------------------------------

static void
on_alarm(int number)
{
    (void)number;
}

// A timer is not inherited: each timeline starts its own.
static void
start_storm(void)
{
    struct sigaction a = {.sa_handler = on_alarm};     // no SA_RESTART
    struct itimerval every = {{0, 1000}, {0, 1000}};

    sigaction(SIGALRM, &a, NULL);
    if (!order.is_puppet_show)
        setitimer(ITIMER_REAL, &every, NULL);
}

static void
work_us(long us)
{
    struct timespec t;
    int64_t until;

    clock_gettime(CLOCK_MONOTONIC, &t);
    until = t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000 + us;
    do
        clock_gettime(CLOCK_MONOTONIC, &t);
    while (t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000 < until);
}

// Says that this timeline is there; the slow one waits.
static void
say_born(void)
{
    if (split_seed() == order.slow)
        X_ASK(SAYS_BORN, NULL, (int64_t)split_seed(), split_depth());
    else
        X_TELL(SAYS_BORN, NULL, (int64_t)split_seed(), split_depth());
}

// The lowest descriptor that is free: higher after a split, if that left one
// open.
static int
lowest_free(void)
{
    int fd = dup(X_FD);

    close(fd);
    return fd;
}

// A step that may split: from there the children go on, too.
static void
step(bool is_good, const char *name)
{
    uint64_t seed = split_seed();
    int free_before = lowest_free();

    split_sometimes(is_good, name);
    if (split_seed() == seed && lowest_free() > free_before)
        counters->left_open++;
}

// Every third step may discover something, if the draw says so.
static int
walk(void *arg)
{
    uint64_t told = ~split_seed();

    (void)arg;
    for (unsigned i = 0; i < order.steps; i++) {
        uint64_t draw;
        char name[32];

        if (told != split_seed()) {
            told = split_seed();
            say_born();
            if (order.is_stormy)
                start_storm();
        }
        if (order.is_stormy)
            work_us(300);
        draw = split_below(3 * order.marks);
        snprintf(name, sizeof(name), "mark %u",
                 (unsigned)(draw % order.marks));
        step(draw < order.marks, name);
    }
    // One whose last step was its parent's discovery.
    if (told != split_seed())
        say_born();
    return 0;
}

// ---- the puppet show -------------------------------------------------------

static pid_t other[2];
static int other_gate[2];

// Two children that are the simulation's own business: one has ended when this
// returns, one ends when the root timeline says so.
static void
start_others(void)
{
    siginfo_t info;
    char byte;

    if (pipe(other_gate) < 0)
        _exit(112);
    for (int i = 0; i < 2; i++) {
        if ((other[i] = fork()) != 0)
            continue;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(other_gate[1]);
        if (i == 1 && read(other_gate[0], &byte, 1) < 0)
            _exit(113);
        _exit(order.others[i]);
    }
    close(other_gate[0]);
    waitid(P_PID, (id_t)other[0], &info, WEXITED | WNOWAIT);
}

static void
collect_others(void)
{
    int status[2] = {-1, -1};
    pid_t got[2];

    close(other_gate[1]);
    for (int i = 0; i < 2; i++)
        got[i] = waitpid(other[i], &status[i], 0);
    X_TELL(SAYS_OTHERS, NULL, got[0] == other[0], status[0],
           got[1] == other[1], status[1]);
}

static void
discover(int64_t number)
{
    char name[48];

    snprintf(name, sizeof(name), "%s %d", order.word, (int)number);
    split_draw();
    split_reachable(name);
}

static int
puppet(void *arg)
{
    uint64_t seed = ~split_seed();
    int64_t n = 0;

    (void)arg;
    if (order.has_others)
        start_others();
    if (order.is_stormy)
        start_storm();
    for (;;) {
        int64_t answer, argument;

        if (seed != split_seed())
            n = 0;                       // newly born
        seed = split_seed();
        answer = X_ASK(SAYS_ASKS, NULL, (int64_t)seed, split_depth(), n++);
        argument = answer >> 8;
        switch (answer & 0xff) {
        case OP_DISCOVER:
            discover(argument);
            break;
        case OP_EXIT:
            _exit((int)argument);
        case OP_RAISE:
            raise((int)argument);
            break;
        case OP_BUG:
            split_bug(order.word);
        case OP_HANG:
            for (;;)
                pause();
        case OP_COLLECT:
            collect_others();
            break;
        default:
            return 0;
        }
    }
}

// ---- the host --------------------------------------------------------------

static struct split_config
configuration(void)
{
    struct split_config c = split_defaults();

    c.seed = order.seed;
    c.max_depth = order.max_depth;
    c.timelines = order.timelines;
    c.energy = order.energy;
    c.width = SPLIT_PROCESSES;
    c.width_n = order.width;
    c.wall_ms = order.wall_ms;
    c.stop_after = order.stop_after;
    c.keep_tree = true;
    if (order.fork_tries)
        c.fork_tries = order.fork_tries;
    c.is_adaptive = order.is_adaptive;
    if (order.is_adaptive)
        c.adaptive = (struct split_adaptive){
            .batch = order.batch, .min = order.min, .max = order.max,
            .mark_energy = order.mark_energy,
        };
    return c;
}

static void
report(const struct split *x, int returned)
{
    const struct split_finding *f;
    struct split_stats s;
    struct node *n;

    split_get_stats(x, &s);
    X_TELL(SAYS_STATS, returned < 0 ? split_error(x) : NULL, returned,
           (int64_t)s.timelines, (int64_t)s.splits, (int64_t)s.findings,
           s.energy_left, s.energy_pool, (int64_t)s.fork_retries,
           (int64_t)s.fork_failures, (int64_t)s.deferred,
           (int64_t)s.collateral, (int64_t)s.coverage, counters->peak,
           counters->left_open);
    for (uint64_t i = 0; i < s.timelines && (n = node_get(x->world, i)); i++)
        X_TELL(SAYS_NODE, NULL, (int64_t)n->parent, (int64_t)n->step.count,
               (int64_t)n->step.seed, n->depth, n->death, n->code);
    for (size_t i = 0; (f = split_finding(x, i)); i++)
        X_TELL(SAYS_FINDING, f->text, f->death, f->code,
               (int64_t)f->timeline);
    X_TELL(SAYS_DONE, NULL, 0);
}

int
main(void)
{
    signal(SIGINT, SIG_IGN);    // under gdb, ^C is for the one that gdb has
    host = getpid();
    counters = mmap(NULL, sizeof(*counters), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (counters == MAP_FAILED)
        return 1;
    split_system.fork = counting_fork;
    for (;;) {
        struct split_config c;
        struct split *x;

        x_hear(&order, sizeof(order));
        memset(counters, 0, sizeof(*counters));
        signal(SIGCHLD, SIG_DFL);
        c = configuration();
        x = split_open(&c);
        if (!x) {
            fprintf(stderr, "split_open: %s\n", split_error(NULL));
            return 1;
        }
        report(x, split_run(x, order.is_puppet_show ? puppet : walk, NULL));
        split_close(x);
        if (getpid() != host)
            _exit(114);
    }
}
