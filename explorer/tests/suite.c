// SPDX-License-Identifier: MIT
// suite.c -- what libsplit promises, row by row of the table in its README.
//
//   suite           all tests, as TAP
//   suite NAME      one: 0 passed, 1 failed (with # lines that say why)

#include <sys/resource.h>
#include "harness.h"
#include "model_tree.h"
#include "../src/child.h"
#include "../src/energy.h"
#include "../src/novelty.h"
#include "../src/rng.h"

static const struct patience patience = {20, 120, 0};

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

static struct split *
explored(const struct split_config *c, split_sim *sim, void *arg)
{
    struct split *x = open_or_die(c);
    int n = split_run(x, sim, arg);

    EXPECT(n >= 0, "split_run: %d, %s", n, split_error(x));
    return x;
}

static struct split_stats
stats_of(const struct split *x)
{
    struct split_stats s;

    split_get_stats(x, &s);
    return s;
}

#define EXPECT_NUMBER(what, is, should) \
    EXPECT((uint64_t)(is) == (uint64_t)(should), "%s is %" PRId64 \
           ", should be %" PRId64, (what), (int64_t)(is), (int64_t)(should))

static void
expect_text(const char *what, const char *is, const char *should)
{
    EXPECT(is && !strcmp(is, should), "%s is \"%s\", should be \"%s\"", what,
           is ? is : "(null)", should);
}

// ---- configuration ---------------------------------------------------------

static void
expect_refused(struct split_config c, const char *text)
{
    struct split *x = split_open(&c);

    EXPECT(!x, "a configuration was accepted that should say: %s", text);
    EXPECT(x || strstr(split_error(NULL), text), "the error is \"%s\", and "
           "should have \"%s\"", split_error(NULL), text);
    split_close(x);
}

static void
test_config(void)
{
    struct split_config good = split_defaults(), c;

    c = good, c.seeds = 0;
    expect_refused(c, "seeds is 0");
    c = good, c.energy = -5;
    expect_refused(c, "energy is -5");
    c = good, c.timelines = 0;
    expect_refused(c, "timelines is 0");
    c = good, c.max_depth = 1000000;
    expect_refused(c, "max_depth is 1000000");
    c = good, c.width = SPLIT_PROCESSES;
    expect_refused(c, "width_n is 0");
    c = good, c.width = (enum split_width)17;
    expect_refused(c, "width is 17");
    c = good, c.shared_mb = 0;
    expect_refused(c, "shared_mb is 0");
    c = good, c.fork_tries = 0;
    expect_refused(c, "fork_tries is 0");
    c = good, c.is_adaptive = true, c.adaptive.batch = 0;
    expect_refused(c, "adaptive.batch is 0");
    c = good, c.is_adaptive = true, c.adaptive.max = 1;
    expect_refused(c, "adaptive.max is 1, less than adaptive.min");
    c = good, c.is_adaptive = true, c.adaptive.mark_energy = -1;
    expect_refused(c, "adaptive.mark_energy is -1");
}

static void
test_widths(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct split_config c = split_defaults();
    static const enum split_width width[] = {
        SPLIT_SEQUENTIAL, SPLIT_PROCESSES, SPLIT_ALL_CORES, SPLIT_HALF_CORES,
        SPLIT_CORES_MINUS};
    long should[] = {4, 9, cores + 3, (cores > 1 ? cores / 2 : 1) + 3, 1 + 3};

    for (int i = 0; i < 5; i++) {
        struct split *x;

        c.width = width[i];
        c.width_n = i == 1 ? 9 : 100000;
        x = open_or_die(&c);
        EXPECT_NUMBER("the bound", stats_of(x).live_bound, should[i]);
        split_close(x);
    }
}

// ---- seeds and random numbers ----------------------------------------------

static void
test_seeds(void)
{
    uint64_t a = split_child_seed(42, "test", 0);

    EXPECT(a == split_child_seed(42, "test", 0), "a seed is not repeatable");
    EXPECT(a != split_child_seed(42, "test", 1), "the index does not matter");
    EXPECT(a != split_child_seed(43, "test", 0), "the parent does not matter");
    EXPECT(a != split_child_seed(42, "tesu", 0), "the mark does not matter");
    EXPECT_NUMBER("root seed 0", split_root_seed(77, 0), 77);
    EXPECT(split_root_seed(77, 1) != split_root_seed(78, 1), "further root "
           "seeds do not depend on the first");
    for (uint64_t z = 1; z; z <<= 1)
        EXPECT(rng_unmix(rng_mix(z)) == z, "unmix(mix(%" PRIu64 ")) differs",
               z);
}

static int
compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

// First draws of n children: no gap is longer than log2(1 + 1/n), the least
// that is possible for all n.  And chance itself is fair.
static void
test_spread(void)
{
    enum { N = 100 };
    unsigned hits = 0;

    for (uint64_t parent = 0; parent < 200; parent++) {
        double u[N + 1], longest = 0;

        for (uint64_t i = 0; i < N; i++) {
            uint64_t seed = split_child_seed(parent, "m", i);

            u[i] = (double)rng_mix(seed + RNG_GAMMA) / 18446744073709551616.0;
            hits += u[i] < 0.1;
        }
        qsort(u, N, sizeof(u[0]), compare_doubles);
        u[N] = u[0] + 1;
        for (int i = 0; i < N; i++)
            longest = u[i + 1] - u[i] > longest ? u[i + 1] - u[i] : longest;
        EXPECT(longest < 0.014356, "children of seed %" PRIu64 " leave a gap "
               "of %f", parent, longest);
    }
    EXPECT(hits > 1900 && hits < 2100, "an event of chance 1/10 was met %u "
           "times in 20000", hits);
}

static int
draws_below(void *arg)
{
    unsigned seen[6] = {0};

    (void)arg;
    for (int i = 0; i < 6000; i++)
        seen[split_below(6)]++;
    for (int i = 0; i < 6; i++)
        if (seen[i] < 850 || seen[i] > 1150)
            return 1;
    return split_draws() == 6000 ? 0 : 2;
}

static void
test_draws(void)
{
    struct split_config c = split_defaults();
    struct split *x = explored(&c, draws_below, NULL);

    EXPECT_NUMBER("findings", split_findings(x), 0);
    split_close(x);
}

// A generator of the host's own.
static uint64_t own_state;

static void
own_reseed(uint64_t seed, void *arg)
{
    own_state = seed ^ (uint64_t)(uintptr_t)arg;
}

static uint64_t
own_draw(void)
{
    uint64_t x = own_state = own_state * UINT64_C(6364136223846793005) + 1;

    split_count_draw();
    return x >> 33;
}

static int
own_generator(void *arg)
{
    uint64_t sum = 0;

    (void)arg;
    for (int i = 0; i < 5; i++)
        sum += own_draw();
    split_reachable("middle");
    for (int i = 0; i < 5; i++)
        sum = sum * 3 + own_draw();
    if (split_is_child())
        split_end((int)(1 + sum % 200));
    return 0;
}

static void
test_own_generator(void)
{
    struct split_config c = split_defaults();
    struct split *x;

    c.reseed = own_reseed;
    c.reseed_arg = (void *)0x5555;
    c.timelines = 10;
    x = explored(&c, own_generator, NULL);
    EXPECT_NUMBER("findings", split_findings(x), 10);
    for (size_t i = 0; i < split_findings(x); i++) {
        const struct split_finding *f = split_finding(x, i);
        enum split_death death;
        int code, e = split_replay(x, &f->recipe, own_generator, NULL, &death,
                                   &code);

        EXPECT(!e, "replay: %s", split_error(x));
        EXPECT_NUMBER("the code replayed", code, f->code);
    }
    split_close(x);
}

// ---- the tree, against a model ---------------------------------------------

static uint64_t test_rng;

static unsigned
pick(unsigned n)
{
    return (unsigned)(rng_mix(test_rng += RNG_GAMMA) % n);
}

static void
compare_tree(const struct split *x, const struct model *m, unsigned round)
{
    struct split_stats s = stats_of(x);
    struct split_mark mark;

    EXPECT(s.timelines == m->n, "round %u: %" PRIu64 " timelines, the model "
           "has %zu", round, s.timelines, m->n);
    EXPECT(s.energy_left == m->global && s.energy_pool == m->pool,
           "round %u: energy %" PRId64 " and %" PRId64 " in the pool, the "
           "model has %" PRId64 " and %" PRId64, round, s.energy_left,
           s.energy_pool, m->global, m->pool);
    for (size_t i = 0; i < m->n && i < s.timelines; i++) {
        struct node *n = node_get(x->world, i);
        const struct model_node *k = &m->node[i];

        EXPECT(i == 0 || (n->parent == k->parent && n->depth == k->depth &&
                          n->step.count == k->count &&
                          n->step.seed == k->seed),
               "round %u, timeline %zu: %" PRIu64 ": %" PRIu64 "@%" PRIu64
               ", the model has %" PRIu64 ": %" PRIu64 "@%" PRIu64, round, i,
               n->parent, n->step.count, n->step.seed, k->parent, k->count,
               k->seed);
    }
    for (size_t i = 0; split_get_mark(x, i, &mark); i++) {
        unsigned number = (unsigned)atoi(mark.name + 5);

        EXPECT(mark.energy == m->left[number], "round %u, %s: energy %" PRId64
               ", the model has %" PRId64, round, mark.name, mark.energy,
               m->left[number]);
    }
}

static void
random_config(struct split_config *c, struct walk *walk)
{
    *c = split_defaults();
    c->seed = pick(1000000);
    c->max_depth = 1 + pick(4);
    c->timelines = 1 + pick(5);
    c->energy = 10 + pick(150);
    c->is_adaptive = pick(2);
    c->adaptive.batch = 1 + pick(4);
    c->adaptive.min = 1 + pick(5);
    c->adaptive.max = c->adaptive.min + pick(8);
    c->adaptive.mark_energy = 1 + pick(12);
    c->keep_tree = true;
    walk->steps = 3 + pick(12);
    walk->marks = 2 + pick(20);
}

static void
test_tree(void)
{
    struct model *m = malloc(sizeof(*m));

    for (unsigned round = 0; round < 40 && !board->failed; round++) {
        struct split_config c;
        struct walk walk;
        struct split *x;

        random_config(&c, &walk);
        memset(m, 0, sizeof(*m));
        m->config = c;
        m->walk = walk;
        model_run(m);
        x = explored(&c, walk_sim, &walk);
        compare_tree(x, m, round);
        split_close(x);
    }
    free(m);
}

// The same trees, with children that run ahead.
static void
test_parallel_tree(void)
{
    struct model *m = malloc(sizeof(*m));

    for (unsigned round = 0; round < 40 && !board->failed; round++) {
        struct split_config c;
        struct walk walk;
        struct split *x;

        random_config(&c, &walk);
        c.width = SPLIT_PROCESSES;
        c.width_n = c.max_depth + 1 + pick(6);
        memset(m, 0, sizeof(*m));
        m->config = c;
        m->walk = walk;
        model_run(m);
        x = explored(&c, walk_sim, &walk);
        compare_tree(x, m, round);
        EXPECT_NUMBER("timelines that ran from the start",
                      stats_of(x).deferred, 0);
        split_close(x);
    }
    free(m);
}

// Too few processes for the chain: splits are put off, always the same ones.
static void
test_put_off(void)
{
    for (unsigned width = 1; width <= 3; width++) {
        struct walk walk = {12, 8};
        uint64_t first = 0;

        for (int run = 0; run < 3; run++) {
            struct split_config c = split_defaults();
            struct split *x;
            struct split_stats s;
            uint64_t h = 0;

            c.max_depth = 4;
            c.energy = 100;
            c.keep_tree = true;
            c.width = SPLIT_PROCESSES;
            c.width_n = width;
            x = explored(&c, walk_sim, &walk);
            s = stats_of(x);
            for (size_t i = 0; i < s.timelines; i++)
                h = h * 31 + node_get(x->world, i)->step.seed;
            if (run == 0)
                first = h;
            EXPECT(h == first, "width %u: run %d has another tree", width,
                   run);
            EXPECT(s.deferred > 0, "width %u: nothing was put off", width);
            EXPECT_NUMBER("energy and timelines", s.energy_left +
                          (int64_t)s.timelines - 1, 100);
            EXPECT_NUMBER("findings", s.findings, 0);
            split_close(x);
        }
    }
}

// ---- the bound -------------------------------------------------------------

static int
deep_walk(void *arg)
{
    (void)arg;
    for (int i = 0; i < 8; i++) {
        char name[48];

        split_draw();
        snprintf(name, sizeof(name), "%" PRIu64 " %d", split_seed(), i);
        split_reachable(name);
        nap_ms(1);
    }
    return 0;
}

// The kernel counts: with a user of its own who may have `limit` processes, one
// too many is a fork that fails.  Returns the forks that did.
static uint64_t
explore_limited(struct split *x, rlim_t limit)
{
    struct rlimit processes = {limit, limit};
    uid_t uid = 1000000 + (uid_t)getpid();     // nobody else's
    pid_t host = fork();

    if (host == 0) {
        setrlimit(RLIMIT_NPROC, &processes);
        if (setresuid(uid, uid, uid))
            _exit(1);
        _exit(split_run(x, deep_walk, NULL) != 0);
    }
    waitpid(host, NULL, 0);
    return stats_of(x).fork_retries + stats_of(x).fork_failures;
}

static void
test_bound(void)
{
    static const unsigned widths[] = {1, 2, 4, 8};

    for (int i = 0; i < 4; i++)
        for (int lacking = 0; lacking < 2; lacking++) {
            struct split_config c = split_defaults();
            unsigned w = widths[i];
            struct split_stats s;
            struct split *x;
            uint64_t failed;

            c.max_depth = 4;
            c.timelines = 8;
            c.energy = 200;
            c.width = SPLIT_PROCESSES;
            c.width_n = w;
            c.fork_tries = lacking ? 1 : 8;
            x = open_or_die(&c);
            if (geteuid() != 0) {
                split_run(x, deep_walk, NULL);
                failed = lacking;
            } else {
                // The host, the warden, and W timelines.
                failed = explore_limited(x, 2 + w - lacking);
            }
            s = stats_of(x);
            EXPECT(lacking || s.timelines == 201, "W=%u: %" PRIu64
                   " timelines", w, s.timelines);
            EXPECT(s.live_peak <= w, "W=%u: %" PRIu64 " timelines at once", w,
                   s.live_peak);
            // W=1 lacking: not even the root; the others, the deepest ones.
            EXPECT(lacking == (failed > 0), "W=%u: with %u processes allowed, "
                   "%" PRIu64 " forks failed", w, 2 + w - lacking, failed);
            split_close(x);
        }
}

// ---- energy ----------------------------------------------------------------

// Random operations on two marks, against plain arithmetic.
static void
test_energy(void)
{
    for (int round = 0; round < 200 && !board->failed; round++) {
        struct split_config c = split_defaults();
        struct energy e = {0};
        struct mark_energy mark[2] = {{0}, {0}};
        int64_t global, pool = 0, left[2] = {0, 0};
        bool given[2] = {false, false};
        enum energy_level level;

        c.is_adaptive = true;
        global = c.energy = pick(60);
        c.adaptive.mark_energy = pick(20);
        energy_reset(&e, &c);
        for (int i = 0; i < 100; i++) {
            unsigned k = pick(2);

            if (pick(10) == 0) {
                energy_barren(&e, &mark[k]);
                pool += left[k];
                left[k] = 0;
                continue;
            }
            level = energy_take(&e, &mark[k]);
            if (global > 0 && !given[k]) {
                given[k] = true;
                left[k] = c.adaptive.mark_energy;
            }
            EXPECT(level == (global == 0 ? ENERGY_NONE
                             : left[k] ? ENERGY_MARK
                             : pool ? ENERGY_POOL : ENERGY_NONE),
                   "round %d, step %d: level %d", round, i, (int)level);
            if (level != ENERGY_NONE && pick(4) == 0) {
                energy_refund(&e, &mark[k], level);
            } else if (level != ENERGY_NONE) {
                global--;
                *(level == ENERGY_MARK ? &left[k] : &pool) -= 1;
            }
            EXPECT(e.global == global && e.pool == pool &&
                   mark[k].left == left[k], "round %d, step %d: energy is %"
                   PRId64 " %" PRId64 " %" PRId64, round, i, e.global, e.pool,
                   mark[k].left);
        }
    }
}

static int
takes_all(void *arg)
{
    struct energy *e = arg;
    struct mark_energy m = {0};
    int n = 0;

    while (energy_take(e, &m) != ENERGY_NONE)
        n++;
    return n;
}

static void
test_energy_race(void)
{
    struct split_config c = split_defaults();
    struct energy *e = mmap(NULL, sizeof(*e), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int total = 0, status;

    c.energy = 200;
    energy_reset(e, &c);
    for (int i = 0; i < 4; i++)
        if (fork() == 0)
            _exit(takes_all(e));
    for (int i = 0; i < 4; i++) {
        wait(&status);
        total += WEXITSTATUS(status);
    }
    EXPECT_NUMBER("what four processes took of 200", total, 200);
    EXPECT_NUMBER("what is left", e->global, 0);
}

// ---- coverage --------------------------------------------------------------

static void
test_novelty(void)
{
    static _Atomic uint64_t words[2][NOVEL_WORDS];
    struct novel_map a = {0, words[0]}, b = {0, words[1]};
    uint64_t bits = 0;

    for (uint64_t i = 0; i < 1000; i++)
        novel_note(&b, novel_hash(i, 0));
    bits = novel_count(&b);
    EXPECT(bits > 980 && bits <= 1000, "1000 hashes made %" PRIu64 " bits",
           bits);
    EXPECT_NUMBER("new at first", novel_merge(&a, &b), bits);
    EXPECT_NUMBER("new again", novel_merge(&a, &b), 0);
    novel_note(&b, 1);
    EXPECT_NUMBER("one more", novel_merge(&a, &b), 1);
    EXPECT_NUMBER("in the explored map", novel_count(&a), bits + 1);
    novel_clear(&b);
    EXPECT_NUMBER("after clearing", novel_count(&b), 0);
    EXPECT_NUMBER("the explored map", novel_count(&a), bits + 1);
}

static void
test_buckets(void)
{
    unsigned char hits[256], seen[256] = {0}, explored_edges[256] = {0};

    for (int i = 0; i < 256; i++) {
        unsigned should = i == 0 ? 0 : i == 1 ? 1 : i == 2 ? 2 : i == 3 ? 4
                        : i <= 7 ? 8 : i <= 15 ? 16 : i <= 31 ? 32
                        : i <= 127 ? 64 : 128;

        hits[i] = (unsigned char)i;
        EXPECT(novel_bucket((unsigned char)i) == should, "%d hits are in "
               "bucket %u, not %u", i, novel_bucket((unsigned char)i), should);
    }
    novel_classify(seen, hits, 256);
    EXPECT_NUMBER("new", novel_merge_edges(explored_edges, seen, 256), 255);
    EXPECT_NUMBER("new again", novel_merge_edges(explored_edges, seen, 256),
                  0);
    seen[0] = 1, seen[9] = 128;
    EXPECT_NUMBER("two more", novel_merge_edges(explored_edges, seen, 256), 2);
    EXPECT_NUMBER("edges", novel_count_edges(explored_edges, 256), 256);
}

// Three modules of edges, as the compiler would register them.
static unsigned char module[3][5];

void __sanitizer_cov_8bit_counters_init(char *start, char *stop);

static int
hits_edges(void *arg)
{
    uint64_t n;

    (void)arg;
    module[0][0]++;
    split_draw();
    split_reachable("start");
    if (!split_is_child())
        return 0;
    n = split_below(4);
    module[1][n] = (unsigned char)(module[1][n] + 1);
    module[2][4] = 200;
    return 0;
}

static void
test_edges(void)
{
    struct split_config c = split_defaults();
    struct split_stats s;
    struct split *x;

    for (int i = 0; i < 3; i++) {
        char *start = (char *)module[i];

        __sanitizer_cov_8bit_counters_init(start, start + 5);
        __sanitizer_cov_8bit_counters_init(start, start + 5);
    }
    c.is_adaptive = true;
    c.adaptive = (struct split_adaptive){.batch = 4, .min = 4, .max = 40,
                                         .mark_energy = 40};
    x = explored(&c, hits_edges, NULL);
    s = stats_of(x);
    EXPECT_NUMBER("edges", s.edges, 15);
    EXPECT_NUMBER("edges seen", s.edges_seen, 1 + 4 + 1);
    EXPECT(s.timelines == 9 || s.timelines == 13, "%" PRIu64 " timelines: as "
           "long as children hit new edges, batches go on, and no longer",
           s.timelines);
    split_close(x);
}

// ---- assertions ------------------------------------------------------------

static struct split_mark
mark_named(const struct split *x, const char *name)
{
    struct split_mark m = {0};

    for (size_t i = 0; split_get_mark(x, i, &m); i++)
        if (!strcmp(m.name, name))
            return m;
    complain("there is no mark %s", name);
    return m;
}

static int
asserts(void *arg)
{
    bool parts[3] = {true, false, true};
    struct split_key at = {"floor", 2}, health = {"health", 10};

    (void)arg;
    split_draw();
    split_always(true, "always held");
    split_always_or_unreachable(true, "held");
    split_sometimes(false, "hoped in vain");
    split_sometimes(true, "hoped");
    split_always_lt(1, 2, "less");
    split_sometimes_gt(5, 10, "height");
    split_sometimes_le(7, 3, "low");
    split_sometimes_all("all", 3, parts);
    split_sometimes_each("each", 1, &at, 1, &health);
    return 0;
}

static void
test_assertions(void)
{
    struct split_config c = split_defaults();
    struct split *x;
    struct split_mark m;

    c.max_depth = 0;
    x = explored(&c, asserts, NULL);
    m = mark_named(x, "always held");
    EXPECT(m.is_satisfied && m.pass == 1 && m.kind == SPLIT_ALWAYS,
           "always: pass %" PRIu64, m.pass);
    m = mark_named(x, "hoped in vain");
    EXPECT(!m.is_satisfied && m.fail == 1, "sometimes(false) is satisfied");
    EXPECT(mark_named(x, "hoped").is_satisfied, "sometimes(true) is not");
    EXPECT(mark_named(x, "less").is_satisfied, "1 < 2 is not satisfied");
    m = mark_named(x, "height");
    EXPECT(!m.is_satisfied && m.watermark == 5, "height: watermark %" PRId64,
           m.watermark);
    EXPECT_NUMBER("the low watermark", mark_named(x, "low").watermark, 7);
    EXPECT_NUMBER("the frontier", mark_named(x, "all").frontier, 2);
    EXPECT(mark_named(x, "each{floor=2}").is_satisfied, "the bucket");
    EXPECT_NUMBER("timelines at depth 0", stats_of(x).timelines, 1);
    split_close(x);
}

static int
fails_each_kind(void *arg)
{
    split_draw();
    switch (*(int *)arg) {
    case 0:
        split_always(false, "k0");
        break;
    case 1:
        split_always_or_unreachable(false, "k1");
        break;
    case 2:
        split_unreachable("k2");
        break;
    case 3:
        split_always_gt(1, 1, "k3");
        break;
    case 4:
        split_always_ge(0, 1, "k4");
        break;
    case 5:
        split_always_lt(1, 1, "k5");
        break;
    case 6:
        split_always_le(2, 1, "k6");
        break;
    }
    return 0;
}

static void
test_broken(void)
{
    for (int i = 0; i < 7; i++) {
        struct split_config c = split_defaults();
        struct split *x = explored(&c, fails_each_kind, &i);
        const struct split_finding *f = split_finding(x, 0);
        char name[8];

        snprintf(name, sizeof(name), "k%d", i);
        if (!f)
            complain("kind %d: no finding", i);
        else
            expect_text("the finding's text", f->text, name);
        EXPECT(f && f->death == SPLIT_ASSERTION, "kind %d: another death", i);
        EXPECT(!mark_named(x, name).is_satisfied, "%s is satisfied", name);
        split_close(x);
    }
}

// What splits, and how often: 1 timeline a split, so splits can be counted.
static int
splits_often(void *arg)
{
    struct split_key key[2] = {{"x", 0}, {"y", 0}}, quality[2];

    (void)arg;
    split_draw();
    if (split_is_child())
        return 0;
    for (int i = 0; i < 5 && !split_is_child(); i++)    // 3: 0, 2, 4
        split_sometimes_gt(i - i % 2, 100, "numbers");
    for (int i = 0; i < 4 && !split_is_child(); i++) {  // 2: one, then two
        bool parts[3] = {i >= 1, i == 3, false};

        split_sometimes_all("parts", 3, parts);
    }
    for (int i = 0; i < 6 && !split_is_child(); i++) {  // 3 buckets
        key[1].value = i % 3;
        split_sometimes_each("cells", 2, key, 0, NULL);
    }
    for (int i = 0; i < 6 && !split_is_child(); i++) {  // 1 + 3 better ones
        static const int q[6][2] = {
            {1, 100000}, {1, 100001}, {1, 5}, {2, 0}, {2, -1}, {3, -9}};

        quality[0] = (struct split_key){"health", q[i][0]};
        quality[1] = (struct split_key){"gold", q[i][1]};
        split_sometimes_each("quality", 1, key, 2, quality);
    }
    return 0;
}

static void
test_splits(void)
{
    struct split_config c = split_defaults();
    struct split *x;

    c.timelines = 1;
    x = explored(&c, splits_often, NULL);
    EXPECT_NUMBER("splits of numbers", mark_named(x, "numbers").splits, 3);
    EXPECT_NUMBER("splits of parts", mark_named(x, "parts").splits, 2);
    EXPECT_NUMBER("splits of cells",
                  mark_named(x, "cells{x=0,y=0}").splits +
                  mark_named(x, "cells{x=0,y=1}").splits +
                  mark_named(x, "cells{x=0,y=2}").splits, 3);
    EXPECT_NUMBER("splits of quality",
                  mark_named(x, "quality{x=0}").splits, 4);
    split_close(x);
}

static int
long_names(void *arg)
{
    char *name = malloc(10001);

    (void)arg;
    memset(name, 'x', 10000);
    for (int i = 0; i < 2000; i++) {
        snprintf(name + 9900, 100, "%d", i);
        split_always(true, name);
    }
    return 0;
}

static void
test_names(void)
{
    struct split_config c = split_defaults();
    struct split *x = explored(&c, long_names, NULL);
    struct split_mark m = {0};

    EXPECT_NUMBER("marks", split_marks(x), 2000);
    split_get_mark(x, 1999, &m);
    EXPECT(m.name && strlen(m.name) == 9904 && !strcmp(m.name + 9900, "1999"),
           "the last name is not whole");
    split_close(x);
    c.shared_mb = 1;
    x = open_or_die(&c);
    EXPECT_NUMBER("a run that needs more memory", split_run(x, long_names,
                                                            NULL), -ENOSPC);
    EXPECT(strstr(split_error(x), "make shared_mb larger"), "it says: %s",
           split_error(x));
    split_close(x);
}

// ---- recipes ---------------------------------------------------------------

static void
expect_parse_error(const char *text, const char *error)
{
    struct split_recipe r;
    char err[200];

    EXPECT(split_recipe_parse(text, &r, err, sizeof(err)) == -EINVAL,
           "\"%s\" was parsed", text);
    expect_text(text, err, error);
}

static void
test_recipe_text(void)
{
    static const char *const same[] = {
        "151@9001 -> 80@77", "-", "42: 151@9001", "maze/42: 1@2 -> 0@3",
        "my/maze/42: -", "18446744073709551615@18446744073709551615"};
    struct split_recipe r;
    char err[200], *text;

    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        EXPECT(!split_recipe_parse(same[i], &r, err, sizeof(err)), "%s: %s",
               same[i], err);
        text = split_recipe_print(&r);
        expect_text("printed again", text, same[i]);
        free(text);
        split_recipe_free(&r);
    }
    EXPECT(!split_recipe_parse("  7 @0xff->8@9  ", &r, err, sizeof(err)) &&
           r.len == 2 && r.step[0].count == 7 && r.step[0].seed == 255,
           "free spaces or 0x are not read: %s", err);
    split_recipe_free(&r);
    expect_parse_error("", "recipe, column 1: a count of draws is missing at "
                       "the end");
    expect_parse_error("151", "recipe, column 4: '@' and a seed should follow "
                       "the count 151");
    expect_parse_error("151@9 -> x@1", "recipe, column 10: a count of draws "
                       "should be here, not 'x'");
    expect_parse_error("151@9, 80@1", "recipe, column 6: '->' or the end "
                       "should follow step 1, not ','");
    expect_parse_error("1@99999999999999999999", "recipe, column 3: a seed "
                       "does not fit into 64 bits");
    expect_parse_error("1@2 ->", "recipe, column 7: a count of draws is "
                       "missing at the end");
    expect_parse_error("maze/x: 1@2", "recipe, column 6: the root seed should "
                       "be here, not 'x'");
    expect_parse_error("- 1@2", "recipe, column 3: nothing may follow '-', "
                       "the empty path");
}

// Finds bugs deep down; every decision is a draw.
static int
digs(void *arg)
{
    char name[32];

    (void)arg;
    for (int level = 0; level < 5; level++) {
        int tries = (int)split_below(6);

        while (tries-- > 0)
            split_draw();
        if (split_below(3) == 0)
            return 0;
        snprintf(name, sizeof(name), "level %d %u", level, split_depth());
        split_reachable(name);
    }
    split_end((int)(1 + split_below(200)));
}

static void
test_replay(void)
{
    struct split_config c = split_defaults();
    struct split *x;
    unsigned n = 0;

    c.name = "digs";
    c.seeds = 20;
    c.max_depth = 5;
    c.timelines = 5;
    c.energy = 200;
    x = explored(&c, digs, NULL);
    for (size_t i = 0; i < split_findings(x); i++) {
        const struct split_finding *f = split_finding(x, i);
        enum split_death death;
        struct split_recipe r;
        char err[200], *text = split_recipe_print(&f->recipe);
        int code, e = split_recipe_parse(text, &r, err, sizeof(err));

        EXPECT(!e, "%s: %s", text, err);
        e = split_replay(x, &r, digs, NULL, &death, &code);
        EXPECT(!e, "%s: %s", text, split_error(x));
        EXPECT(death == f->death && code == f->code, "%s: %s %d came, not %s "
               "%d", text, split_death_name(death), code,
               split_death_name(f->death), f->code);
        n += r.len > 1;
        split_recipe_free(&r);
        free(text);
    }
    EXPECT(n >= 100, "only %u findings were nested ones", n);
    split_close(x);
}

static void
test_foreign_recipe(void)
{
    struct split_config c = split_defaults();
    struct split_step step[2] = {{1, 5}, {400000, 6}};
    struct split_recipe r = {.name = (char *)"maze", .seed = 1,
                             .has_seed = true, .len = 2, .step = step};
    enum split_death death;
    struct split *x;
    int code;

    c.name = "digs";
    x = open_or_die(&c);
    EXPECT_NUMBER("a recipe of another name", split_replay(x, &r, digs, NULL,
                                                           &death, &code),
                  -EXDEV);
    expect_text("the error", split_error(x), "recipe, column 1: it is of the "
                "program 'maze', this is 'digs'");
    r.name = NULL;
    EXPECT_NUMBER("one that does not fit", split_replay(x, &r, digs, NULL,
                                                        &death, &code),
                  -EXDEV);
    EXPECT(strstr(split_error(x), "step 2 of 2, 400000@6, was not reached"),
           "the error is: %s", split_error(x));
    split_close(x);
}

// Fails where the first draw after the second step is what that step made it.
static int
needs_one_step(void *arg)
{
    uint64_t wanted = *(uint64_t *)arg;
    bool is_met = false;

    for (int i = 0; i < 50; i++)
        is_met |= split_draw() == wanted;
    if (is_met)
        split_bug("met");
    return 0;
}

static void
test_shrink(void)
{
    for (size_t len = 3; len <= 20; len += 17) {
        struct split_config c = split_defaults();
        struct split_step step[20];
        uint64_t wanted = rng_mix(1000 + RNG_GAMMA);
        struct split_recipe r = {.len = len, .step = step};
        struct split *x = open_or_die(&c);

        for (size_t i = 0; i < len; i++)
            step[i] = (struct split_step){2, i == 1 ? 1000 : i};
        EXPECT_NUMBER("its length now", split_shrink(x, &r, needs_one_step,
                                                     &wanted), 1);
        EXPECT(step[0].count == 4 && step[0].seed == 1000, "what is left is %"
               PRIu64 "@%" PRIu64, step[0].count, step[0].seed);
        split_close(x);
    }
}

static void
test_replay_here(void)
{
    struct split_config c = split_defaults();
    struct split_step step[1] = {{2, 1000}};
    struct split_recipe r = {.len = 1, .step = step};
    struct split *x = open_or_die(&c);
    uint64_t wanted = 0;

    EXPECT_NUMBER("what sim returned", split_replay_here(x, &r, needs_one_step,
                                                         &wanted), 0);
    EXPECT(split_run(x, needs_one_step, &wanted) == 0, "no run afterwards");
    split_close(x);
}

// ---- ways to die -----------------------------------------------------------

static int
dies(void *arg)
{
    struct split_arena *a;
    volatile int *nowhere = NULL;

    split_draw();
    split_reachable("start");
    if (!split_is_child())
        return 0;
    switch (*(int *)arg) {
    case 0:
        return 9;
    case 1:
        exit(0);
    case 2:
        *nowhere = 1;
        break;
    case 3:
        abort();
    case 4:
        for (;;)
            nap_ms(1000);
    case 5:
        for (;;)
            split_draw();
    case 6:
        for (;;)
            split_tick(1);
    case 7:
        a = split_arena_new(SPLIT_ARENA_PRIVATE, 1000);
        for (;;)
            split_arena_alloc(a, 100);
    case 8:
        split_bug("a text of my own");
    case 9:
        raise(SIGKILL);
        break;
    case 10:
        raise(SIGSTOP);
        break;
    }
    return 0;
}

static void
test_deaths(void)
{
    static const struct {
        enum split_death death;
        int code;
        const char *text;
    } should[] = {
        {SPLIT_EXIT, 9, "the simulation returned"},
        {SPLIT_ESCAPED, 1, "exit() was called in a timeline"},
        {SPLIT_SIGNAL, SIGSEGV, "was killed by a signal"},
        {SPLIT_ABORT, SIGABRT, "called abort()"},
        {SPLIT_HANG, SIGKILL, "was still at work at its deadline, wall_ms"},
        {SPLIT_HANG, 42, "drew more numbers than max_draws allows"},
        {SPLIT_HANG, 42, "took more ticks than max_ticks allows"},
        {SPLIT_MEMORY, 42, "no memory for 100 bytes"},
        {SPLIT_BUG, 42, "a text of my own"},
        {SPLIT_SIGNAL, SIGKILL, "was killed by a signal"},
        {SPLIT_HANG, SIGKILL, "was still at work at its deadline, wall_ms"},
    };

    for (int parallel = 0; parallel < 2; parallel++)
        for (int i = 0; i < (int)(sizeof(should) / sizeof(should[0])); i++) {
            struct split_config c = split_defaults();
            const struct split_finding *f;
            enum split_death death;
            struct split *x;
            int code;

            bool is_stuck = i == 4 || i == 10;

            c.timelines = 2;
            // Nobody else is to be late, be the machine slow.
            c.wall_ms = is_stuck ? 150 : 600000;
            c.max_draws = 100000;
            c.max_ticks = 100000;
            c.width = parallel ? SPLIT_PROCESSES : SPLIT_SEQUENTIAL;
            c.width_n = 3;
            x = explored(&c, dies, &i);
            for (; split_findings(x) != 2 && is_stuck && c.wall_ms < 10000;
                 c.wall_ms *= 4) {
                split_close(x);
                x = explored(&c, dies, &i);
            }
            f = split_finding(x, 0);
            EXPECT(split_findings(x) == 2, "way %d: %zu findings, not 2", i,
                   split_findings(x));
            if (!f)
                continue;
            EXPECT(f->death == should[i].death && f->code == should[i].code,
                   "way %d: %s %d", i, split_death_name(f->death), f->code);
            expect_text("its text", f->text, should[i].text);
            // Replayed, it may not call itself a child: it dies all the same.
            EXPECT(!split_replay(x, &f->recipe, dies, &i, &death, &code) &&
                   death == f->death && code == f->code, "way %d, replayed: "
                   "%s %d (%s)", i, split_death_name(death), code,
                   split_error(x));
            split_close(x);
        }
}

static int
root_dies(void *arg)
{
    (void)arg;
    split_draw();
    abort();
}

static void
test_root_dies(void)
{
    struct split_config c = split_defaults();
    struct split *x;

    c.seeds = 3;
    x = explored(&c, root_dies, NULL);
    EXPECT_NUMBER("findings of roots", split_findings(x), 3);
    EXPECT_NUMBER("their paths", split_finding(x, 0)->recipe.len, 0);
    split_close(x);
}

static int
needs_memory(void *arg)
{
    char *p;

    (void)arg;
    split_draw();
    split_reachable("start");
    if (!split_is_child())
        return 0;
    p = malloc((size_t)3000 << 20);
    if (!p)
        split_out_of_memory((size_t)3000 << 20);
    p[0] = 1;
    return p[0] - 1;
}

static void
test_memory_limit(void)
{
    struct split_config c = split_defaults();
    struct split *x;

    c.memory_mb = 2000;
    x = explored(&c, needs_memory, NULL);
    EXPECT_NUMBER("findings", split_findings(x), 4);
    EXPECT(split_finding(x, 0) && split_finding(x, 0)->death == SPLIT_MEMORY,
           "they are no memory findings");
    split_close(x);
}

static int
all_fail(void *arg)
{
    (void)arg;
    split_draw();
    split_reachable("start");
    return split_is_child();
}

static void
test_stop(void)
{
    for (int parallel = 0; parallel < 2; parallel++)
        for (unsigned n = 0; n <= 3; n++) {
            struct split_config c = split_defaults();
            struct split *x;

            c.timelines = 10;
            c.stop_after = n;
            c.width = parallel ? SPLIT_PROCESSES : SPLIT_SEQUENTIAL;
            c.width_n = 6;
            x = explored(&c, all_fail, NULL);
            EXPECT_NUMBER("findings", split_findings(x), n ? n : 10);
            EXPECT_NUMBER("timelines", stats_of(x).timelines,
                          (n ? n : 10) + 1);
            split_close(x);
        }
}

// ---- several seeds, statistics, the tree -----------------------------------

static int
meets_one_of_ten(void *arg)
{
    char name[16];

    (void)arg;
    snprintf(name, sizeof(name), "room %d", (int)split_below(10));
    split_reachable(name);
    return 0;
}

static void
test_seeds_keep_coverage(void)
{
    struct split_config c = split_defaults();
    struct split *x;
    struct split_stats s;

    c.max_depth = 0;
    c.seeds = 30;
    x = explored(&c, meets_one_of_ten, NULL);
    s = stats_of(x);
    EXPECT_NUMBER("seeds", s.seeds, 30);
    EXPECT_NUMBER("coverage of all seeds", s.coverage, 10);
    EXPECT_NUMBER("a second run goes on", split_run(x, meets_one_of_ten, NULL),
                  0);
    EXPECT_NUMBER("with the seeds after those", stats_of(x).seeds, 60);
    split_close(x);
}

static int
warm(void *arg)
{
    (void)arg;
    split_draw();
    split_reachable("start");
    return 0;
}

static void
test_warm_start(void)
{
    struct split_config c = split_defaults();
    struct split *x;

    c.seeds = 3;
    c.is_adaptive = true;
    c.adaptive = (struct split_adaptive){.batch = 2, .min = 8, .max = 10,
                                         .mark_energy = 20, .warm_min = 4};
    x = explored(&c, warm, NULL);
    EXPECT_NUMBER("timelines, 8 and then 4 and 4 of a barren mark",
                  stats_of(x).timelines, 3 + 8 + 4 + 4);
    split_close(x);
}

static char *
slurp(FILE *f)
{
    static char text[200000];
    size_t n;

    rewind(f);
    n = fread(text, 1, sizeof(text) - 1, f);
    text[n] = '\0';
    return text;
}

static void
test_json(void)
{
    struct split_config c = split_defaults();
    FILE *lines = tmpfile(), *tree = tmpfile(), *dot = tmpfile();
    struct split *x;
    unsigned n = 0;
    char *text;

    c.seeds = 3;
    c.keep_tree = true;
    c.stats_fd = fileno(lines);
    x = explored(&c, all_fail, NULL);
    text = slurp(lines);
    for (char *p = text; (p = strstr(p, "{\"seeds\":")); p++)
        n++;
    EXPECT_NUMBER("lines of statistics", n, 3);
    EXPECT(strstr(text, "{\"seeds\":3,\"timelines\":15,\"splits\":3,"
                  "\"findings\":12,"), "the lines are: %s", text);
    EXPECT(!split_tree_json(x, tree), "no tree");
    text = slurp(tree);
    EXPECT(strstr(text, "\"parent\":0,\"mark\":\"start\",\"count\":1,") &&
           strstr(text, "\"end\":\"exit\",\"code\":1}\n]\n"), "the tree is %s",
           text);
    EXPECT(!split_tree_dot(x, dot), "no graph");
    EXPECT(strstr(slurp(dot), "t0 -> t1 [label=\"start\"]"), "no edge");
    split_close(x);
    c.keep_tree = false;
    x = open_or_die(&c);
    EXPECT_NUMBER("a tree that was not kept", split_tree_json(x, tree),
                  -ENODATA);
    split_close(x);
}

static void
test_progress(void)
{
    struct split_config c = split_defaults();
    FILE *f = tmpfile();
    struct split *x;
    char *text;

    c.progress_fd = fileno(f);
    x = explored(&c, all_fail, NULL);
    text = slurp(f);
    EXPECT(strstr(text, "5 timelines, ") && strstr(text, " 4 findings") &&
           strstr(text, "coverage 1, energy 996"), "the line is: %s", text);
    split_close(x);
}

// ---- failing system calls, arenas ------------------------------------------

static _Atomic int *fork_calls;
static int fork_fails_from, fork_fails_to;

static pid_t
failing_fork(void)
{
    int n = atomic_fetch_add(fork_calls, 1);

    if (n >= fork_fails_from && n < fork_fails_to) {
        errno = EAGAIN;
        return -1;
    }
    return fork();
}

static void
test_fork_fails(void)
{
    struct split_config c = split_defaults();
    struct split_stats s;
    struct split *x;

    fork_calls = &board->alive;
    split_system.fork = failing_fork;
    fork_fails_from = 3;
    fork_fails_to = 6;
    x = explored(&c, warm, NULL);
    s = stats_of(x);
    EXPECT_NUMBER("timelines, after three failures", s.timelines, 5);
    EXPECT_NUMBER("retries", s.fork_retries, 3);
    EXPECT_NUMBER("failures", s.fork_failures, 0);
    split_close(x);
    *fork_calls = 0;
    fork_fails_to = 1000;
    x = explored(&c, warm, NULL);
    s = stats_of(x);
    EXPECT_NUMBER("timelines, with no fork after one", s.timelines, 2);
    EXPECT_NUMBER("failures", s.fork_failures, 1);
    EXPECT_NUMBER("energy left", s.energy_left, 999);
    split_close(x);
    *fork_calls = 0;
    fork_fails_from = 0;
    x = open_or_die(&c);
    EXPECT(split_run(x, warm, NULL) == -EAGAIN && strstr(split_error(x),
           "fork: "), "no warden: %s", split_error(x));
    split_close(x);
}

static void *
failing_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
    (void)at, (void)size, (void)prot, (void)flags, (void)fd, (void)offset;
    errno = ENOMEM;
    return MAP_FAILED;
}

static void
test_mmap_fails(void)
{
    struct split_config c = split_defaults();

    split_system.mmap = failing_mmap;
    expect_refused(c, "make shared_mb smaller");
    EXPECT(!split_arena_new(SPLIT_ARENA_PRIVATE, 100), "an arena of nothing");
}

struct three {
    struct split_arena *arena;
    int *number[3];
};

static int
uses_arenas(void *arg)
{
    struct three *t = arg;

    split_draw();
    split_reachable("start");
    if (split_is_child()) {
        *t[0].number[0] += 1;
        *t[1].number[0] += 1;
        if (split_draws() == 0 && t[2].number[1])
            *t[2].number[0] += 1;               // not there: SIGSEGV
        return *t[0].number[0] == 1 ? 0 : 1;
    }
    return *t[0].number[0] == 0 ? 0 : 2;
}

static void
test_arenas(void)
{
    struct split_config c = split_defaults();
    struct three t[3];
    struct split *x;

    for (int i = 0; i < 3; i++) {
        t[i].arena = split_arena_new((enum split_arena_kind)i, 10000);
        t[i].number[0] = split_arena_alloc(t[i].arena, 100);
        t[i].number[1] = NULL;
        EXPECT((uintptr_t)t[i].number[0] % 16 == 0 && !*t[i].number[0],
               "arena %d: not aligned or not zeroed", i);
        EXPECT_NUMBER("used", split_arena_used(t[i].arena), 112);
        EXPECT(!split_arena_alloc(t[i].arena, 9900), "more than there is");
        EXPECT(!split_arena_alloc(t[i].arena, SIZE_MAX), "all there is");
    }
    x = explored(&c, uses_arenas, t);
    EXPECT_NUMBER("findings", split_findings(x), 0);
    EXPECT_NUMBER("the private number", *t[0].number[0], 0);
    EXPECT_NUMBER("the shared number", *t[1].number[0], 4);
    split_close(x);
    t[2].number[1] = t[2].number[0];
    x = explored(&c, uses_arenas, t);
    EXPECT(split_finding(x, 0) && split_finding(x, 0)->code == SIGSEGV,
           "children have an arena that is not theirs");
    split_close(x);
    for (int i = 0; i < 3; i++) {
        split_arena_reset(t[i].arena);
        EXPECT_NUMBER("used after reset", split_arena_used(t[i].arena), 0);
        split_arena_free(t[i].arena);
    }
}

// The host: one exploration inside another is refused, a killed warden told.
static int
nests(void *arg)
{
    return split_run(arg, warm, NULL) == -EBUSY ? 0 : 1;
}

static int
kills_warden(void *arg)
{
    (void)arg;
    split_draw();
    kill(getppid(), SIGKILL);
    for (;;)
        nap_ms(1000);
    return 0;
}

static void
test_host(void)
{
    struct split_config c = split_defaults();
    struct split *x = open_or_die(&c);

    EXPECT_NUMBER("a run inside a timeline", split_run(x, nests, x), 0);
    EXPECT_NUMBER("a run whose warden dies", split_run(x, kills_warden, NULL),
                  -EOWNERDEAD);
    EXPECT(strstr(split_error(x), "killed by signal 9"), "it says: %s",
           split_error(x));
    split_close(x);
}

// ---- all of them -----------------------------------------------------------

static const struct {
    const char *name, *title;
    void (*run)(void);
} tests[] = {
    {"config", "bad configurations are named", test_config},
    {"widths", "parallelism becomes a bound", test_widths},
    {"seeds", "child seeds depend on parent, mark, index", test_seeds},
    {"spread", "first draws of children are spread", test_spread},
    {"draws", "draws are counted and fair", test_draws},
    {"own-generator", "a generator of the host's own", test_own_generator},
    {"tree", "the tree is the model's, on 40 configurations", test_tree},
    {"parallel-tree", "so it is in parallel", test_parallel_tree},
    {"put-off", "splits put off are always the same", test_put_off},
    {"bound", "live processes at depth 4, W=1,2,4,8", test_bound},
    {"energy", "energy is the model's, step by step", test_energy},
    {"energy-race", "four processes take what there is", test_energy_race},
    {"novelty", "a bit is new once", test_novelty},
    {"buckets", "hit counts in buckets", test_buckets},
    {"edges", "edges of several modules steer batches", test_edges},
    {"assertions", "what assertions count", test_assertions},
    {"broken", "a broken assertion is a finding", test_broken},
    {"splits", "what splits, and how often", test_splits},
    {"names", "names of any length and number", test_names},
    {"recipe-text", "recipes are printed and parsed", test_recipe_text},
    {"replay", "every finding replays", test_replay},
    {"foreign-recipe", "a recipe of another program", test_foreign_recipe},
    {"shrink", "recipes shrink", test_shrink},
    {"replay-here", "a replay in this process", test_replay_here},
    {"deaths", "eleven ways to die, and their replays", test_deaths},
    {"root-dies", "a root that dies is a finding", test_root_dies},
    {"memory-limit", "memory_mb", test_memory_limit},
    {"stop", "stops after n findings", test_stop},
    {"keep-coverage", "further seeds keep the coverage",
     test_seeds_keep_coverage},
    {"warm-start", "warm starts of adaptive marks", test_warm_start},
    {"json", "statistics and tree as JSON", test_json},
    {"progress", "the progress line", test_progress},
    {"fork-fails", "forks that fail", test_fork_fails},
    {"mmap-fails", "memory that is not there", test_mmap_fails},
    {"arenas", "three kinds of arena", test_arenas},
    {"host", "nested runs, a killed warden", test_host},
};
#define N_TESTS (sizeof(tests) / sizeof(tests[0]))

int
main(int argc, char **argv)
{
    int failed = 0;

    if (argc < 2)
        printf("1..%zu\n", N_TESTS);
    for (size_t i = 0; i < N_TESTS; i++) {
        if (argc > 1 && strcmp(argv[1], tests[i].name))
            continue;
        if (run_apart(tests[i].run, &patience)) {
            failed = 1;
            printf("not ");
        }
        printf("ok %zu - %s: %s\n", i + 1, tests[i].name, tests[i].title);
        fflush(stdout);
    }
    // With a plan printed, the "not ok" lines say it; else the status does.
    return argc > 1 ? failed : 0;
}
