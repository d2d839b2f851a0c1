// SPDX-License-Identifier: MIT
// defects.c -- the nineteen defects of the design that libsplit descends from.
// Built twice: on libsplit, where every test has to pass, and on a faithful
// model of the original, where every one has to fail (tests/defects, a script).
//
//   defects          lists the tests
//   defects NAME     runs one: 0 passed, 1 failed (with # lines that say why)

#include <inttypes.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/time.h>
#include "harness.h"
#include "subject.h"

static const struct patience for_ours = {4, 120, 0};
static const struct patience for_the_original = {4, 4, 120};

static struct split *
open_or_die(const struct split_config *c)
{
    struct split *x = split_open(c);

    if (!x) {
        complain("split_open: %s", split_error(NULL));
        exit(1);
    }
    return x;
}

static uint64_t
explore(const struct split_config *c, split_sim *sim, void *arg,
        struct split_stats *stats)
{
    struct split *x = open_or_die(c);
    struct split_stats s;

    split_run(x, sim, arg);
    split_get_stats(x, &s);
    if (stats)
        *stats = s;
    split_close(x);
    return s.findings;
}

// Splits once into children of which every one fails.
static int
all_fail(void *arg)
{
    (void)arg;
    split_draw();
    split_reachable("start");
    if (!split_is_child())
        return 0;
    split_end(42);
}

static struct split_config
parallel(unsigned width)
{
    struct split_config c = split_defaults();

    c.width = SPLIT_PROCESSES;
    c.width_n = width;
    return c;
}

// ---- 1: SIGCHLD is ignored -------------------------------------------------

static void
defect_01(void)
{
    struct split_config c = split_defaults();
    uint64_t n;

    signal(SIGCHLD, SIG_IGN);
    n = explore(&c, all_fail, NULL, NULL);
    EXPECT(n == 4, "sequential, SIGCHLD ignored: 4 bugs expected, %" PRIu64
           " came", n);
    c = parallel(4);
    n = explore(&c, all_fail, NULL, NULL);
    EXPECT(n == 4, "parallel, SIGCHLD ignored: 4 bugs expected, %" PRIu64
           " came", n);
}

// ---- 2: EINTR --------------------------------------------------------------

static void
on_signal(int signal)
{
    (void)signal;
    board->signals += !split_is_child();
}

static int
interrupted(void *arg)
{
    struct itimerval every = {{0, 2000}, {0, 2000}}, off = {{0, 0}, {0, 0}};
    struct sigaction handler = {.sa_handler = on_signal};

    (void)arg;
    split_draw();
    sigaction(SIGALRM, &handler, NULL);
    setitimer(ITIMER_REAL, &every, NULL);
    split_reachable("start");
    if (split_is_child()) {
        int enough = board->signals + 5;

        // Its parent is interrupted while it lives, however slow they are.
        board->alive++;
        for (int i = 0; i < 1000 && board->signals < enough; i++)
            nap_ms(1);
        board->alive--;
        split_end(42);
    }
    setitimer(ITIMER_REAL, &off, NULL);
    EXPECT(board->alive == 0, "the split returned while %d children ran",
           board->alive);
    return 0;
}

static void
defect_02(void)
{
    struct split_config c = split_defaults();
    uint64_t n = explore(&c, interrupted, NULL, NULL);

    EXPECT(n == 4, "with signals arriving: 4 bugs expected, %" PRIu64 " came",
           n);
}

// ---- 3: children of the host -----------------------------------------------

static int
has_helper(void *arg)
{
    siginfo_t info;
    int status = -1;
    pid_t helper;

    (void)arg;
    split_draw();
    if ((helper = fork()) == 0)
        _exit(7);
    // It ends before the children begin.
    waitid(P_PID, (id_t)helper, &info, WEXITED | WNOWAIT);
    split_reachable("start");
    if (split_is_child())
        split_end(0);
    if (waitpid(helper, &status, 0) != helper)
        complain("the simulation's own child was reaped by the explorer");
    else
        EXPECT(WEXITSTATUS(status) == 7, "its status is %d, not 7", status);
    return 0;
}

static void
defect_03(void)
{
    struct split_config c = parallel(4);

    explore(&c, has_helper, NULL, NULL);
}

// ---- 4: two merges at once -------------------------------------------------

// Steps the stopped child n instructions on; false when it has ended.
static bool
step(pid_t pid, unsigned n)
{
    int status;

    while (n-- > 0) {
        if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL))
            return false;
        if (waitpid(pid, &status, 0) != pid || WIFEXITED(status) ||
            WIFSIGNALED(status))
            return false;
    }
    return true;
}

// Runs f(arg) in a child that stops before it; the parent traces it.
static pid_t
start_traced(void (*f)(void *), void *arg)
{
    cpu_set_t one;
    pid_t pid;
    int status;

    // On one processor a step costs a quarter.
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    sched_setaffinity(0, sizeof(one), &one);
    pid = fork();

    if (pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
            _exit(77);
        raise(SIGSTOP);
        f(arg);
        _exit(0);
    }
    if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) {
        complain("ptrace is not allowed here");
        exit(1);
    }
    return pid;
}

static void
finish_traced(pid_t pid)
{
    ptrace(PTRACE_CONT, pid, NULL, NULL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

struct merging {
    struct subject_map *explored, mine;
};

static void
merge_mine(void *arg)
{
    struct merging *m = arg;

    subject_merge(m->explored, &m->mine);
}

// One whole merge at every instruction of another.  The first words are those
// with bits, and they are done within MERGE_STEPS of the start.
#define MERGE_STEPS 240

static void
defect_04(void)
{
    struct merging m = {.mine = {.word = {1, 1, 1, 1}}};
    struct subject_map other = {.word = {2, 2, 2, 2}};
    bool is_alive = true;
    unsigned lost = 0;

    m.explored = mmap(NULL, sizeof(*m.explored), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (unsigned k = 0; is_alive && k < MERGE_STEPS; k++) {
        pid_t pid;

        memset(m.explored, 0, sizeof(*m.explored));
        pid = start_traced(merge_mine, &m);
        is_alive = step(pid, k);
        subject_merge(m.explored, &other);
        if (is_alive)
            finish_traced(pid);
        for (int i = 0; i < 4; i++)
            lost += m.explored->word[i] != 3;
    }
    EXPECT(lost == 0, "%u bits were lost in merges at the same time", lost);
}

// ---- 5: ways to die --------------------------------------------------------

static int
dies(void *arg)
{
    split_draw();
    split_reachable("start");
    if (!split_is_child())
        return 0;
    switch (*(int *)arg) {
    case 0:
        signal(SIGABRT, SIG_DFL);
        abort();
    case 1:
        raise(SIGSEGV);
        break;
    case 2:
        split_end(3);
    case 3:
        for (;;)
            nap_ms(1000);
    }
    return leave(0);
}

static void
defect_05(void)
{
    static const char *const how[] = {"abort", "signal", "exit 3", "hang"};

    for (int i = 0; i < 4; i++) {
        struct split_config c = split_defaults();
        uint64_t n;

        c.timelines = 1;
        c.wall_ms = i == 3 ? 100 : 0;
        n = explore(&c, dies, &i, NULL);
        // On a slow machine the others may not be done in time either.
        for (; n > 1 && i == 3 && c.wall_ms < 10000; c.wall_ms *= 4)
            n = explore(&c, dies, &i, NULL);
        EXPECT(n == 1, "%s: 1 finding expected, %" PRIu64 " came", how[i], n);
    }
}

// ---- 6: negative energy ----------------------------------------------------

static int
splits_twice(void *arg)
{
    char name[64];

    (void)arg;
    for (int i = 0; i < 3; i++) {
        split_draw();
        snprintf(name, sizeof(name), "%" PRIu64 " %d", split_seed(), i);
        split_reachable(name);
    }
    return leave(0);
}

static void
defect_06(void)
{
    struct split_config c = parallel(4);
    struct split_stats s;

    c.energy = 3;
    explore(&c, splits_twice, NULL, &s);
    EXPECT(s.energy_left >= 0, "energy 3 became %" PRId64, s.energy_left);
}

// ---- 7: a mark's budget ----------------------------------------------------

static int
improves(void *arg)
{
    (void)arg;
    for (int i = 1; i <= 10 && !split_is_child(); i++) {
        split_draw();
        split_sometimes_gt(i, 100, "height");
    }
    return leave(0);
}

static void
defect_07(void)
{
    struct split_config c = split_defaults();
    struct split_stats s;

    c.is_adaptive = true;
    c.adaptive = (struct split_adaptive){
        .batch = 3, .min = 10, .max = 10, .mark_energy = 3};
    explore(&c, improves, NULL, &s);
    EXPECT(s.timelines == 4, "a mark that owns 3 had %" PRIu64 " timelines",
           s.timelines - 1);
}

// ---- 8: long recipes -------------------------------------------------------

static int
goes_deep(void *arg)
{
    unsigned deepest = *(unsigned *)arg;

    // One mark for all levels: their number is another test's business.
    while (split_depth() < deepest) {
        unsigned depth = split_depth();

        split_draw();
        split_sometimes_gt(depth, 1000, "depth");
        if (split_depth() == depth)
            return leave(0);
    }
    split_end(42);
}

static void
defect_08(void)
{
    struct split_config c = split_defaults();
    unsigned deepest = 200;
    const struct split_finding *f;
    struct split *x;

    c.max_depth = 200;
    c.timelines = 1;
    c.energy = 100000;
    x = open_or_die(&c);
    split_run(x, goes_deep, &deepest);
    f = split_finding(x, 0);
    EXPECT(f && f->recipe.len == 200, "a path of 200 steps became a recipe of "
           "%zu", f ? f->recipe.len : 0);
    split_close(x);
}

// ---- 9: parallel runs differ -----------------------------------------------

// Children race for marks: how fast each is has nothing to do with its draws.
static int
races(void *arg)
{
    char name[32];

    for (int level = 0; level < 3; level++) {
        uint64_t draw = split_below(4);

        if (split_is_child())
            nap_ms((*(int *)arg * 7 + (int)(split_seed() & 15)) % 5);
        if (draw == 0 && level == 2)
            split_end(42);
        if (draw > 2)
            return leave(0);
        snprintf(name, sizeof(name), "level %d", level);
        split_reachable(name);
    }
    return leave(0);
}

// Everything about a run, as one number.
static uint64_t
fingerprint(int round)
{
    struct split_config c = parallel(4);
    struct split_stats s;
    struct split *x;
    uint64_t h = 0;

    c.timelines = 12;
    c.seed = 5;
    x = open_or_die(&c);
    split_run(x, races, &round);
    split_get_stats(x, &s);
    h = s.findings * 1000003 + s.timelines;
    for (size_t i = 0; i < split_findings(x); i++) {
        const struct split_finding *f = split_finding(x, i);

        for (size_t k = 0; f && k < f->recipe.len; k++)
            h = h * 31 + f->recipe.step[k].seed + f->recipe.step[k].count;
    }
    split_close(x);
    return h;
}

static void
defect_09(void)
{
    uint64_t first = fingerprint(0);

    for (int i = 1; i < 8 && !board->failed; i++)
        EXPECT(fingerprint(i) == first, "run %d differs from run 0", i);
}

// ---- 10: adaptive yield ----------------------------------------------------

// Each child meets a mark that no other has met; so its split stays worth it.
static int
always_new(void *arg)
{
    char name[40];

    (void)arg;
    split_draw();
    split_reachable("start");
    if (split_is_child()) {
        snprintf(name, sizeof(name), "met %" PRIu64, split_seed());
        split_reachable(name);
    }
    return leave(0);
}

static void
defect_10(void)
{
    struct split_config c = split_defaults();
    struct split_stats s;

    c.max_depth = 1;
    c.is_adaptive = true;
    c.adaptive = (struct split_adaptive){
        .batch = 2, .min = 2, .max = 10, .mark_energy = 20};
    explore(&c, always_new, NULL, &s);
    EXPECT(s.timelines == 11, "all 10 children bring something new, but the "
           "mark got %" PRIu64, s.timelines - 1);
}

// ---- 11: root seeds --------------------------------------------------------

static int
notes_seeds(void *arg)
{
    (void)arg;
    split_draw();
    split_reachable("one");
    if (!split_is_child())
        split_reachable("two");
    if (split_is_child())
        board->seeds[board->n_seeds++ % 4096] = split_seed();
    return leave(0);
}

static void
defect_11(void)
{
    struct split_config c = split_defaults();
    unsigned same = 0;

    c.seeds = 3;
    explore(&c, notes_seeds, NULL, NULL);
    EXPECT(board->n_seeds == 24, "24 children expected, %d came",
           board->n_seeds);
    for (int i = 0; i < board->n_seeds; i++)
        for (int k = 0; k < i; k++)
            same += board->seeds[i] == board->seeds[k];
    EXPECT(same == 0, "%u pairs of children, of different root seeds or marks, "
           "have the same seed", same);
}

// ---- 12: watermarks and seeds ----------------------------------------------

static int
reaches_nine(void *arg)
{
    (void)arg;
    split_draw();
    split_sometimes_gt(9, 100, "height");
    if (split_is_child())
        board->children++;
    return leave(0);
}

static void
defect_12(void)
{
    struct split_config c = split_defaults();

    c.seeds = 2;
    explore(&c, reaches_nine, NULL, NULL);
    EXPECT(board->children == 8, "2 seeds split at the same height, with 8 "
           "children in all; %d came", board->children);
}

// ---- 13: the energy that is reported ---------------------------------------

static void
defect_13(void)
{
    struct split_config c = split_defaults();
    struct split_stats s;

    c.is_adaptive = true;
    c.energy = 100;
    explore(&c, splits_twice, NULL, &s);
    EXPECT(s.energy_left == 100 - (int64_t)(s.timelines - 1), "of 100 units, "
           "%" PRIu64 " forks left %" PRId64, s.timelines - 1, s.energy_left);
}

// ---- 14: many marks --------------------------------------------------------

static int
many_marks(void *arg)
{
    char name[32];

    (void)arg;
    split_draw();
    split_reachable("start");
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof(name), "mark %d", i);
        split_always(split_depth() == 0 || i != 250, name);
    }
    return leave(0);
}

static void
defect_14(void)
{
    struct split_config c = split_defaults();
    struct split_stats s;
    uint64_t n = explore(&c, many_marks, NULL, &s);

    EXPECT(s.marks == 301, "301 marks expected, %" PRIu64 " came", s.marks);
    EXPECT(n == 4, "the 251st always fails in 4 children: %" PRIu64
           " findings", n);
}

// ---- 15: a fork that fails -------------------------------------------------

// No process more: as root, limits do not count, so this is nobody's process.
static int
cannot_fork(void *arg)
{
    struct rlimit none = {0, 0};

    (void)arg;
    split_draw();
    setrlimit(RLIMIT_NPROC, &none);
    if (geteuid() == 0 && setresuid(65534, 65534, 65534))
        return 0;
    split_reachable("start");
    return leave(0);
}

static void
defect_15(void)
{
    struct split_config c = split_defaults();
    struct split_stats s;

    c.fork_tries = 2;
    c.energy = 10;
    explore(&c, cannot_fork, NULL, &s);
    EXPECT(s.energy_left == 10, "no fork succeeded, and of 10 units %" PRId64
           " are left", s.energy_left);
    EXPECT(s.fork_failures > 0, "and nobody says so");
}

// ---- 16: the root is killed ------------------------------------------------

static int
goes_on_and_on(void *arg)
{
    (void)arg;
    split_draw();
    board->pids[board->n_pids++] = getpid();
    split_reachable("start");
    if (split_is_child())
        board->pids[board->n_pids++] = getpid();
    for (;;)
        nap_ms(10);
    return 0;
}

static void
defect_16(void)
{
    struct split_config c = parallel(4);
    int left = 0;
    pid_t host;

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if ((host = fork()) == 0) {
        explore(&c, goes_on_and_on, NULL, NULL);
        _exit(0);
    }
    while (board->n_pids < 4)
        nap_ms(1);
    kill(host, SIGKILL);
    waitpid(host, NULL, 0);
    // All of them are this process's children now; each has to end by itself.
    // Who is about to runs, or waits to: such a look does not count.
    for (int looks = 0; looks < 30;) {
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        left = 0;
        for (int i = 0; i < board->n_pids; i++)
            left += board->pids[i] && kill(board->pids[i], 0) == 0;
        if (!left)
            break;
        // This process is one of the group, and runs.
        looks += work_of_group(getpgid(0)).running <= 1;
        nap_ms(33);
    }
    EXPECT(left == 0, "a second after the host was killed, %d timelines live",
           left);
    for (int i = 0; i < board->n_pids; i++)
        if (board->pids[i] && kill(board->pids[i], 0) == 0)
            kill(board->pids[i], SIGKILL);
}

// ---- 17: enough is enough --------------------------------------------------

static void
defect_17(void)
{
    struct split_config c = split_defaults();
    struct split_stats s;

    c.timelines = 10;
    c.stop_after = 1;
    explore(&c, all_fail, NULL, &s);
    EXPECT(s.timelines == 2, "asked to stop at the first bug, it ran %" PRIu64
           " children", s.timelines - 1);
}

// ---- 18: a child that forgets to end ---------------------------------------

static int
forgets(void *arg)
{
    (void)arg;
    split_draw();
    split_reachable("start");
    return 0;
}

static void
defect_18(void)
{
    struct split_config c = split_defaults();
    pid_t me = getpid();

    explore(&c, forgets, NULL, NULL);
    board->epilogues++;                     // the host's last words
    if (getpid() != me)
        _exit(0);
    EXPECT(board->epilogues == 1, "the host's epilogue ran %d times",
           board->epilogues);
}

// ---- 19: half a mark -------------------------------------------------------

static void
makes_mark(void *name)
{
    split_sometimes_gt(-7, 0, name);
}

static int
sees_half_marks(void *arg)
{
    char name[32];
    bool is_alive = true;

    (void)arg;
    for (unsigned k = 0; is_alive && k < 100; k++) {
        pid_t pid;

        // A few hundred instructions make a mark; not each needs a look.
        snprintf(name, sizeof(name), "mark %u", k);
        pid = start_traced(makes_mark, name);
        is_alive = step(pid, 9 * k);
        split_sometimes_gt(-5, 0, name);
        if (is_alive)
            finish_traced(pid);
    }
    return 0;
}

static void
defect_19(void)
{
    struct split_config c = split_defaults();
    struct split *x;
    struct split_mark m;
    unsigned bad = 0;

    c.max_depth = 0;
    x = open_or_die(&c);
    split_run(x, sees_half_marks, NULL);
    EXPECT(split_marks(x) > 5, "only %zu marks were made", split_marks(x));
    for (size_t i = 0; i < split_marks(x); i++)
        if (split_get_mark(x, i, &m))
            bad += m.watermark != -5;
    EXPECT(bad == 0, "%u marks were used before they were complete", bad);
    split_close(x);
}

// ---- the rest --------------------------------------------------------------

static const struct {
    const char *name, *title;
    void (*run)(void);
} tests[] = {
    {"defect-01", "SIGCHLD ignored loses nothing and spins nowhere", defect_01},
    {"defect-02", "a signal does not cut a wait short", defect_02},
    {"defect-03", "the host's own children are left alone", defect_03},
    {"defect-04", "two merges at once lose no bit", defect_04},
    {"defect-05", "every way to die is a finding", defect_05},
    {"defect-06", "energy is never negative", defect_06},
    {"defect-07", "a mark gets its energy once", defect_07},
    {"defect-08", "recipes have any length", defect_08},
    {"defect-09", "parallel runs do not differ", defect_09},
    {"defect-10", "yield counts what a child found", defect_10},
    {"defect-11", "root seed and mark matter for child seeds", defect_11},
    {"defect-12", "a later seed splits at the same height", defect_12},
    {"defect-13", "the energy reported is the energy spent", defect_13},
    {"defect-14", "no mark is dropped", defect_14},
    {"defect-15", "a failed fork gives its energy back, aloud", defect_15},
    {"defect-16", "no orphan survives", defect_16},
    {"defect-17", "it stops when it is told to", defect_17},
    {"defect-18", "no child runs the host's epilogue", defect_18},
    {"defect-19", "no mark is seen before it is complete", defect_19},
};
#define N_TESTS (sizeof(tests) / sizeof(tests[0]))

int
main(int argc, char **argv)
{
    for (size_t i = 0; i < N_TESTS; i++) {
        if (argc < 2)
            printf("%s %s\n", tests[i].name, tests[i].title);
        else if (!strcmp(argv[1], tests[i].name))
            return run_apart(tests[i].run, subject_is_patient
                             ? &for_ours : &for_the_original);
    }
    if (argc < 2)
        return 0;
    fprintf(stderr, "defects: there is no test %s\n", argv[1]);
    return 2;
}
