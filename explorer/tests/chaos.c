// SPDX-License-Identifier: MIT
// chaos.c -- explorations while somebody kills, stops and continues their
// processes, and forks and mmaps fail.  No finding may be lost, nothing may
// leak, nothing may hang.
//
//   chaos RUNS [SEED]     as TAP, a line for each tenth of the runs

#include <dirent.h>
#include <sys/syscall.h>
#include "harness.h"
#include "../src/rng.h"
#include "../src/window.h"
#include "../src/world.h"

#define LEDGER 4096
#define ANCESTORS 6

// What timelines say just before they fail: their seed, then their parents'.
struct entry {
    uint64_t seed[ANCESTORS];
    _Atomic int n;              // set last: 0 if it was killed while writing
};
struct ledger {
    _Atomic int n;
    struct entry entry[LEDGER];
};
static struct ledger *ledger;
static uint64_t chaos_rng;

static unsigned
pick(unsigned n)
{
    return (unsigned)(rng_mix(chaos_rng += RNG_GAMMA) % n);
}

static int
fails_now_and_then(void *arg)
{
    char name[32];

    (void)arg;
    for (int i = 0; i < 12; i++) {
        uint64_t draw = split_below(40);

        snprintf(name, sizeof(name), "mark %d", (int)(draw % 10));
        split_sometimes(draw < 10, name);
        if (draw == 39) {
            struct entry *e;
            int n = 0;

            // One that runs ahead may be dropped; it counts from its turn on.
            window_wait_turn();
            e = &ledger->entry[ledger->n++ % LEDGER];
            for (struct slot *s = self.slot; s && n < ANCESTORS;
                 s = s->parent)
                e->seed[n++] = s->seed;
            e->n = n;
            split_bug("met 39");
        }
        if (draw == 38)
            nap_ms(1);
    }
    return 0;
}

static pid_t
failing_fork(void)
{
    if (rng_mix((uint64_t)now_ns()) % 12 == 0) {
        errno = EAGAIN;
        return -1;
    }
    return fork();
}

static void *
failing_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
    if (pick(10) == 0) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return mmap(at, size, prot, flags, fd, offset);
}

// Sends a signal to the process in `s`, and to no other that has its number
// now: it has to be in our process group once we hold on to it.
static void
hit(struct slot *s, int signal_number)
{
    pid_t pid = atomic_load(&s->pid);
    int fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;

    if (fd < 0)
        return;
    if (getpgid(pid) == getpgid(0) && pid != getppid() &&
        atomic_load(&s->pid) == pid && atomic_load(&s->state) > SLOT_TAKEN)
        syscall(SYS_pidfd_send_signal, fd, signal_number, NULL, 0);
    close(fd);
}

static void
wreak_havoc(struct world *w)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    chaos_rng ^= UINT64_C(0x5bd1e995);
    for (;;) {
        struct slot *s = &w->slots[pick((unsigned)w->n_slots)];

        nap_ms(1);
        switch (pick(4)) {
        case 0:
            hit(s, SIGKILL);
            break;
        case 1:
            hit(s, SIGSTOP);
            nap_ms(1);
            break;
        }
        // Whoever was stopped goes on, be it later.
        if (pick(2))
            for (int i = 0; i < w->n_slots; i++)
                hit(&w->slots[i], SIGCONT);
    }
}

static struct split_config
random_config(void)
{
    struct split_config c = split_defaults();

    c.seed = pick(1000000);
    c.seeds = 1 + pick(3);
    c.max_depth = 1 + pick(4);
    c.timelines = 2 + pick(6);
    c.energy = 20 + pick(60);
    c.is_adaptive = pick(2);
    c.wall_ms = 3000;
    c.width = pick(3) ? SPLIT_PROCESSES : SPLIT_SEQUENTIAL;
    c.width_n = 1 + pick(8);
    c.fork_tries = 1 + pick(4);
    return c;
}

static bool
is_found(const struct split *x, const struct entry *e)
{
    const struct split_finding *f;

    for (size_t i = 0; (f = split_finding(x, i)); i++) {
        uint64_t seed = f->recipe.len ? f->recipe.step[f->recipe.len - 1].seed
                                      : f->recipe.seed;

        for (int k = 0; k < e->n; k++)
            if (e->seed[k] == seed)
                return true;
    }
    return false;
}

static int
open_files(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;

    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n;
}

static void
check(struct split *x, int files)
{
    struct split_stats s;

    split_get_stats(x, &s);
    for (int i = 0; i < ledger->n && i < LEDGER; i++)
        EXPECT(ledger->entry[i].n == 0 || is_found(x, &ledger->entry[i]),
               "a bug of seed %" PRIu64 " was lost", ledger->entry[i].seed[0]);
    EXPECT(s.energy_left >= 0 && s.energy_pool >= 0, "negative energy");
    EXPECT(s.live_peak <= s.live_bound, "%" PRIu64 " timelines at once",
           s.live_peak);
    EXPECT(x->world->live == 0, "%d slots are still in use", x->world->live);
    EXPECT(open_files() == files, "%d files are open, %d were",
           open_files(), files);
}

static void
one_run(void)
{
    struct split_config c = random_config();
    struct split *x;
    pid_t havoc;
    int files = open_files(), n;

    split_system.fork = failing_fork;
    split_system.mmap = failing_mmap;
    memset(ledger, 0, sizeof(*ledger));
    if (!(x = split_open(&c))) {
        EXPECT(strstr(split_error(NULL), "make shared_mb smaller"),
               "split_open says: %s", split_error(NULL));
        return;
    }
    if ((havoc = fork()) == 0)
        wreak_havoc(x->world);
    n = split_run(x, fails_now_and_then, NULL);
    kill(havoc, SIGKILL);
    while (waitpid(havoc, NULL, 0) < 0 && errno == EINTR)
        ;
    EXPECT(n >= 0 || n == -EAGAIN, "split_run: %d, %s", n, split_error(x));
    check(x, files);
    EXPECT(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD,
           "a process was left behind");
    split_close(x);
}

static int runs_per_test;

static void
some_runs(void)
{
    for (int i = 0; i < runs_per_test && !board->failed; i++) {
        uint64_t seed = chaos_rng;

        one_run();
        if (board->failed)
            complain("this was: chaos 1 %" PRIu64, seed);
    }
}

int
main(int argc, char **argv)
{
    int runs = argc > 1 ? atoi(argv[1]) : 100, tests = runs < 10 ? runs : 10;

    chaos_rng = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    ledger = mmap(NULL, sizeof(*ledger), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    runs_per_test = runs / tests;
    printf("1..%d\n", tests);
    for (int i = 1; i <= tests; i++) {
        struct patience most = {20 + runs_per_test, 60 + runs_per_test, 0};
        bool failed = run_apart(some_runs, &most);

        printf("%sok %d - %d runs in chaos lose nothing\n",
               failed ? "not " : "", i, runs_per_test);
        fflush(stdout);
        chaos_rng = rng_mix(chaos_rng + 1);
    }
    return 0;
}
