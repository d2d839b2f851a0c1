// SPDX-License-Identifier: MIT
// trouble.c -- what goes wrong with many timelines, and what libsplit makes of
// it.  Book: chapter 8.
//
//     trouble hang      one of six hangs, all others wait longer than it may
//     trouble fork N    from the Nth on, no fork succeeds
//     trouble again     three forks fail, and then they work again
//     trouble kill      somebody kills the host
//     trouble tree W    a random tree, with W slots (0: one after the other)
//     trouble gdb FILE  one of six fails, and waits for a debugger
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "window.h"

static _Atomic unsigned *forks;
static unsigned fail_from, fail_to;

static pid_t
failing_fork(void)
{
    unsigned n = atomic_fetch_add(forks, 1);

    if (n >= fail_from && n < fail_to) {
        errno = EAGAIN;
        return -1;
    }
    return fork();
}

// Splits into six, which differ by their numbers.
static int
six(void *arg)
{
    int64_t *which = arg;

    split_reachable("start");
    if (!split_is_child())
        return 0;
    *which = self.slot->child_index;
    return 1;
}

static int
hangs(void *arg)
{
    int64_t which;

    (void)arg;
    if (!six(&which))
        return 0;
    if (which == 1)
        for (;;)
            pause();
    split_reachable("further");       // waits for its turn
    return 0;
}

static int
does_nothing(void *arg)
{
    int64_t which;

    (void)arg;
    six(&which);
    return 0;
}

static int
sleeps_for_ever(void *arg)
{
    int64_t which;
    int fd = *(int *)arg;

    six(&which);
    if (write(fd, "x", 1) == 1)
        for (;;)
            pause();
    return 0;
}

static int
wanders(void *arg)
{
    char name[16];

    (void)arg;
    for (int i = 0; i < 12; i++) {
        uint64_t draw = split_below(30);

        snprintf(name, sizeof(name), "mark %d", (int)draw);
        split_sometimes(draw < 10, name);
        if (draw == 29)
            split_bug("drew 29");
    }
    return 0;
}

static const char *debugger_file;
volatile int go_on;

// Where a debugger is welcome: says which process this is, and waits.
static void
wait_for_debugger(void)
{
    // gdb has no thread-local variables in a process that it attached to.
    struct slot *me = self.slot, *parent = me->parent;
    struct world *world = self.world;
    char unfinished[256];
    FILE *f;

    snprintf(unfinished, sizeof(unfinished), "%s.new", debugger_file);
    window_wait_turn();               // all before us are done
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
    if (!(f = fopen(unfinished, "w")))
        return;
    fprintf(f, "attach %d\n", (int)getpid());
    fclose(f);
    rename(unfinished, debugger_file);
    while (!go_on && me && parent && world)
        usleep(10000);
}

static int balance = 100;

static void
pay(int64_t amount)
{
    balance -= (int)amount;
    if (balance < 0)
        wait_for_debugger();
    split_always(balance >= 0, "the balance is never negative");
}

static int
pays(void *arg)
{
    int64_t which;

    (void)arg;
    if (!six(&which))
        return 0;
    for (int i = 0; i < 3; i++)
        pay(which == 4 ? 40 : 10 * which / 2);
    return 0;
}

static void
report(struct split *x, int returned)
{
    struct split_stats s;
    const struct split_finding *f;

    if (returned < 0)
        printf("split_run: %s\n", split_error(x));
    for (size_t i = 0; (f = split_finding(x, i)); i++) {
        char *line = split_finding_print(f);

        printf("finding: timeline %" PRIu64 ", %s\n", f->timeline, line);
        free(line);
    }
    split_get_stats(x, &s);
    printf("%" PRIu64 " timelines, energy left %" PRId64, s.timelines,
           s.energy_left);
    if (s.fork_retries || s.fork_failures)
        printf(", forks retried %" PRIu64 ", given up %" PRIu64,
               s.fork_retries, s.fork_failures);
    printf("\n");
}

// A number for the whole tree, in the order in which its timelines counted.
static uint64_t
fingerprint(const struct split *x)
{
    uint64_t h = 0;
    struct node *n;

    for (uint64_t i = 0; i < atomic_load(&x->world->timelines) &&
                         (n = node_get(x->world, i)); i++)
        h = (h ^ n->parent ^ n->step.seed ^ (uint64_t)n->death) *
            UINT64_C(0x100000001b3);
    return h;
}

// The host runs in a child of ours, and is killed while its timelines sleep.
static void
kill_host(struct split *x)
{
    char byte;
    int gate[2];
    pid_t host;

    if (pipe(gate) < 0 || (host = fork()) < 0)
        exit(1);
    if (host == 0)
        _exit(split_run(x, sleeps_for_ever, &gate[1]) != 0);
    close(gate[1]);
    for (int i = 0; i < 6; i++)
        if (read(gate[0], &byte, 1) != 1)
            exit(1);
    printf("six timelines sleep; the host is killed\n");
    kill(host, SIGKILL);
    waitpid(host, NULL, 0);
    // The pipe ends when the last of them is gone.
    printf("end of file: %zd; nobody holds the other end\n",
           read(gate[0], &byte, 1));
}

int
main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    struct split_config c = split_defaults();
    split_sim *sim = does_nothing;
    struct split *x;

    forks = mmap(NULL, sizeof(*forks), PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    c.timelines = 6;
    c.energy = 100;
    c.max_depth = 1;
    c.width = SPLIT_PROCESSES;
    c.width_n = 7;
    if (!strcmp(what, "hang")) {
        c.wall_ms = 300;
        sim = hangs;
    } else if (!strcmp(what, "fork") && argc > 2) {
        // Numbers 0 and 1 are the warden and the root.
        fail_from = 1 + (unsigned)atoi(argv[2]);
        fail_to = UINT32_MAX;
        c.fork_tries = 4;
        split_system.fork = failing_fork;
    } else if (!strcmp(what, "again")) {
        fail_from = 2;
        fail_to = 5;
        split_system.fork = failing_fork;
    } else if (!strcmp(what, "tree") && argc > 2) {
        c.width_n = (unsigned)atoi(argv[2]);
        if (!c.width_n)
            c.width = SPLIT_SEQUENTIAL;
        c.max_depth = 3;
        c.seed = 8;
        c.keep_tree = true;
        sim = wanders;
    } else if (!strcmp(what, "gdb") && argc > 2) {
        debugger_file = argv[2];
        sim = pays;
    } else if (strcmp(what, "kill")) {
        fprintf(stderr, "usage: trouble hang|fork N|again|kill|tree W|"
                "gdb FILE\n");
        return 2;
    }
    if (!(x = split_open(&c)))
        return 1;
    setlinebuf(stdout);
    if (!strcmp(what, "kill")) {
        kill_host(x);
        return 0;
    }
    report(x, split_run(x, sim, NULL));
    if (c.keep_tree)
        printf("tree %016" PRIx64 "\n", fingerprint(x));
    split_close(x);
    return 0;
}
