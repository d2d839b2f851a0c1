// SPDX-License-Identifier: MIT
// subject.c -- the host program of lab 7: libsplit with your split.c in it, and
// a simulation to explore.  The judge orders; every timeline tells the judge
// what it is, in its own process, and waits until the judge has looked.
//
// loop_discovery(), split_replaying() and split_arrived() are called through
// the __wrap_ functions below (-Wl,--wrap), so nothing has to be added to your
// file.  Book: chapter 7.

#include "walk.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

// Where a timeline is: fork() copies it.
static struct {
    uint64_t hash;
    unsigned step;
    int mark, way;
    volatile sig_atomic_t signals;
    bool has_discovered;
} here;
static struct order order;

// What all processes share.
static struct {
    _Atomic int born, next_fail, failed;
    _Atomic int unsaid, missaid;         // see enum over
} *shared;

// ---- telling ---------------------------------------------------------------

static int
sigchld_now(void)
{
    struct sigaction now;

    sigaction(SIGCHLD, NULL, &now);
    if (now.sa_handler == SIG_DFL)
        return 0;
    return now.sa_handler == SIG_IGN ? 1 : 2;
}

static void
fill(int64_t *n)
{
    struct world *w = self.world;
    struct mark *m;

    memset(n, 0, X_NUMBERS * sizeof(*n));
    n[N_DEPTH] = split_depth();
    n[N_SEED] = (int64_t)split_seed();
    n[N_COUNT] = (int64_t)split_draws();
    n[N_HASH] = (int64_t)here.hash;
    n[N_STEP] = here.step;
    n[N_MARK] = here.mark;
    n[N_WAY] = here.way;
    n[N_SIGCHLD] = sigchld_now();
    n[N_SIGNALS] = here.signals;
    n[N_IS_CHILD] = split_is_child();
    n[N_TICKS] = (int64_t)self.ticks;
    if (!w)
        return;
    n[N_GLOBAL] = atomic_load(&w->energy.global);
    n[N_POOL] = atomic_load(&w->energy.pool);
    if (here.mark >= 0) {
        m = mark_find(w, SPLIT_SOMETIMES, false, order.walk.mark[here.mark]);
        n[N_LEFT] = m ? atomic_load(&m->energy.left) : -1;
    }
}

static void
tell(enum kind kind)
{
    int64_t n[X_NUMBERS];

    if (order.circumstances & QUIET)
        return;
    fill(n);
    if (kind == EV_END)
        x_tell(kind, NULL, X_NUMBERS, n);
    else
        x_ask(kind, NULL, X_NUMBERS, n);
}

// ---- hooks -----------------------------------------------------------------

void __real_loop_discovery(struct mark *m);
void __wrap_loop_discovery(struct mark *m);
void __real_split_replaying(uint64_t count, uint64_t seed);
void __wrap_split_replaying(uint64_t count, uint64_t seed);
void __real_split_arrived(void);
void __wrap_split_arrived(void);

void
__wrap_loop_discovery(struct mark *m)
{
    bool is_replay = self.mode == MODE_REPLAY;
    uint64_t splits = m->splits;
    int pid = getpid();

    if (!is_replay)
        tell(EV_DISCOVER);
    here.has_discovered = true;
    __real_loop_discovery(m);
    if (getpid() != pid) {
        here.has_discovered = false;
        tell(EV_BORN);
    } else if (!is_replay) {
        shared->unsaid += m->splits > splits && !self.slot->has_split;
        tell(EV_BACK);
    }
}

void
__wrap_split_replaying(uint64_t count, uint64_t seed)
{
    if (!(order.circumstances & QUIET))
        X_TELL(EV_STEP, NULL, (int64_t)count, (int64_t)seed,
               (int64_t)split_draws(), (int64_t)split_seed(),
               (int64_t)self.ticks);
    __real_split_replaying(count, seed);
}

void
__wrap_split_arrived(void)
{
    tell(EV_ARRIVED);
    __real_split_arrived();
}

static pid_t (*true_fork)(void);

// Fails as it was ordered; the host's own fork and the roots' count too.
static pid_t
failing_fork(void)
{
    int next = atomic_load(&shared->next_fail);
    const struct fork_fails *f = &order.fails[next];
    pid_t pid;

    if (next < FAILS && f->times && shared->born == f->born) {
        if (atomic_fetch_add(&shared->failed, 1) + 1 == f->times) {
            atomic_store(&shared->failed, 0);
            atomic_fetch_add(&shared->next_fail, 1);
        }
        errno = EAGAIN;
        return -1;
    }
    pid = true_fork();
    if (pid > 0)
        atomic_fetch_add(&shared->born, 1);
    return pid;
}

// ---- the simulation --------------------------------------------------------

static volatile int *volatile nowhere = NULL;

static uint64_t
drawn(uint64_t value)
{
    here.hash = (here.hash ^ value) * UINT64_C(0x100000001b3);
    return value;
}

// Its slot does not say that it has split if it never could.  Of one that
// discovered something, but came to no child, either may be said.
static void
tell_end(void)
{
    if (self.slot && self.mode == MODE_EXPLORE)
        shared->missaid += self.slot->has_split && !here.has_discovered;
    tell(EV_END);
}

// A way to end, which does not return (but WAY_RETURN).
static int
end(enum way way)
{
    here.way = (int)way;
    tell_end();
    signal(SIGSEGV, SIG_DFL);
    signal(SIGABRT, SIG_DFL);
    switch (way) {
    case WAY_ALWAYS:
        split_always(false, "this always holds");
        break;
    case WAY_BUG:
        split_bug("the walker fell");
    case WAY_CODE:
        _exit(7);
    case WAY_EXIT:
        exit(0);
    case WAY_ABORT:
        abort();
    case WAY_SEGV:
        *nowhere = 1;
        break;
    case WAY_KILL:
        raise(SIGKILL);
        break;
    case WAY_HANG:
        for (;;)
            split_draw();
    case WAY_STUCK:
        for (;;)
            pause();
    default:
        break;
    }
    return 9;
}

static void
on_signal(int sig)
{
    (void)sig;
    here.signals++;
}

// Children of the simulation's own: one is dead and not waited for, one lives.
static void
make_brothers(void)
{
    siginfo_t info;
    int known[2];
    pid_t pid;
    char end;

    for (int lives = 0; lives < 2; lives++) {
        if (pipe(known) < 0 || (pid = fork()) < 0)
            _exit(112);
        if (pid == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            X_ASK(EV_BROTHER, NULL, lives);
            close(known[0]);
            close(known[1]);
            if (!lives)
                _exit(0);
            for (;;)
                pause();
        }
        close(known[1]);
        if (read(known[0], &end, 1) != 0)    // until the judge knows it
            _exit(114);
        close(known[0]);
        if (!lives)
            waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    }
}

static void
set_up(void)
{
    struct sigaction handler = {.sa_handler = on_signal};

    if (order.circumstances & SIGCHLD_IGNORED)
        signal(SIGCHLD, SIG_IGN);
    if (order.circumstances & SIGCHLD_HANDLED)
        sigaction(SIGCHLD, &handler, NULL);
    if (order.circumstances & SIGNALS)
        sigaction(SIGUSR1, &handler, NULL);
    if (order.circumstances & BROTHERS)
        make_brothers();
}

static int
walk(void *arg)
{
    const struct walk *k = arg;
    uint64_t draw;

    here.hash = 0;
    here.signals = 0;
    here.mark = -1;
    here.step = 0;
    here.way = WAY_FINE;
    here.has_discovered = false;
    set_up();
    tell(EV_BEGIN);
    for (here.step = 0; here.step < k->steps; here.step++) {
        split_tick(k->tick);
        draw = drawn(split_below(k->marks + k->n_ways + k->idle));
        if (draw < k->marks) {
            here.mark = (int)draw;
            split_sometimes(true, k->mark[draw]);
            here.mark = -1;
        } else if (draw < k->marks + k->n_ways &&
                   split_depth() >= k->dies_from) {
            return end(k->way[draw - k->marks]);
        }
        if (here.step % 3 == 2)
            drawn(split_draw());
    }
    tell_end();
    return 0;
}

// ---- orders ----------------------------------------------------------------

static struct split *explored;

static void
report(int result)
{
    struct world *w = explored->world;
    struct split_stats s;
    const struct split_finding *f;
    struct node *node;

    split_get_stats(explored, &s);
    for (size_t i = 0; (f = split_finding(explored, i)); i++) {
        X_TELL(EV_FINDING, f->text, f->death, f->code, (int64_t)f->timeline,
               (int64_t)f->recipe.seed, (int64_t)f->recipe.len);
        for (size_t k = 0; k < f->recipe.len; k++)
            X_TELL(EV_PATH, NULL, (int64_t)f->recipe.step[k].count,
                   (int64_t)f->recipe.step[k].seed);
    }
    for (uint64_t i = 0; i < s.timelines && (node = node_get(w, i)); i++)
        X_TELL(EV_NODE, node->mark ? node->mark->name : NULL,
               (int64_t)node->parent, (int64_t)node->step.count,
               (int64_t)node->step.seed, node->depth,
               atomic_load(&node->death), atomic_load(&node->code));
    X_ASK(EV_OVER, result < 0 ? split_error(explored) : NULL, result,
          (int64_t)s.timelines, (int64_t)s.splits, s.energy_left,
          s.energy_pool, (int64_t)s.seeds, (int64_t)s.fork_retries,
          (int64_t)s.fork_failures, (int64_t)s.live_peak,
          (int64_t)s.deferred, shared->unsaid, shared->missaid);
}

static void
explore(void)
{
    order.config.name = "lab7";
    order.config.reseed = NULL;
    order.config.keep_tree = true;
    order.config.stats_fd = order.config.progress_fd = -1;
    split_close(explored);
    shared->born = shared->next_fail = shared->failed = 0;
    shared->unsaid = shared->missaid = 0;
    explored = split_open(&order.config);
    if (!explored) {
        X_ASK(EV_OVER, split_error(NULL), -EINVAL);
        return;
    }
    // The warden is the first that is forked, and no timeline.
    shared->born = -1;
    report(split_run(explored, walk, &order.walk));
}

static void
replay(void)
{
    struct split_recipe r = {.name = "lab7", .seed = order.seed,
        .has_seed = order.has_seed, .len = order.len, .step = order.step};
    enum split_death death = SPLIT_FINE;
    int code = 0, result;

    if (order.what == DO_REPLAY_HERE)
        result = split_replay_here(explored, &r, walk, &order.walk);
    else
        result = split_replay(explored, &r, walk, &order.walk, &death, &code);
    X_ASK(EV_REPLAYED, result < 0 ? split_error(explored) : NULL, result,
          death, code);
}

int
main(void)
{
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 113;
    true_fork = split_system.fork;
    split_system.fork = failing_fork;
    for (;;) {
        x_hear(&order, sizeof(order));
        switch (order.what) {
        case DO_SEEDS:
            X_TELL(EV_SEEDS, NULL,
                   (int64_t)split_child_seed(order.parent, order.mark,
                                             order.index),
                   (int64_t)split_root_seed(order.parent, order.index));
            break;
        case DO_RUN:
            explore();
            break;
        default:
            replay();
        }
    }
}
