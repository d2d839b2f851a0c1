// SPDX-License-Identifier: MIT
// subject.c -- the host program of lab 9: your energy.c and novelty.c are
// linked with it and with the rest of libsplit.  It does what the judge
// (descriptor 3) orders, and tells it what came of every call.
// Book: chapter 9.
//
// Races are run instruction by instruction: with the processor's trap flag set,
// a handler runs after each instruction of yours, and there calls what another
// process might call at that moment.

#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>
#include "split.h"
#include "talk.h"
#include "world.h"

static struct order order;

static void *
shared_new(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        _exit(112);
    return p;
}

static void
configure(struct split_config *c, const struct order *o)
{
    *c = split_defaults();
    c->energy = o->energy;
    c->is_adaptive = o->is_adaptive;
    c->timelines = o->timelines;
    c->adaptive = (struct split_adaptive){
        .batch = o->batch, .min = o->min, .max = o->max,
        .warm_min = o->warm_min, .mark_energy = o->mark_energy};
}

// ---- scripts ---------------------------------------------------------------

static void
do_energy(void)
{
    struct split_config c;
    struct energy e = {.is_adaptive = !order.is_adaptive};
    struct mark_energy m[MARKS] = {0};

    configure(&c, &order);
    for (uint32_t i = 0; i < order.n_ops; i++) {
        const struct op *op = &order.op[i];
        struct spending s = {op->spawned, op->value,
                             (op->flags & IS_STARVED) != 0};
        int64_t result = 0;

        switch (op->what) {
        case OP_SEED:
            energy_reset(&e, &c);
            for (int k = 0; k < MARKS; k++)
                energy_reset_mark(&m[k]);
            break;
        case OP_TAKE:
            result = energy_take(&e, &m[op->on]);
            break;
        case OP_REFUND:
            energy_refund(&e, &m[op->on], (enum energy_level)op->value);
            break;
        case OP_BARREN:
            energy_barren(&e, &m[op->on]);
            break;
        case OP_BATCH:
            result = energy_batch(&e, &m[op->on], &c, op->flags & IS_WARM, &s);
            break;
        }
        X_TELL(E_ENERGY, NULL, i, result, (int64_t)s.fresh, e.global, e.pool,
               m[0].left, m[1].left, m[2].left, m[3].left);
    }
}

struct view {
    struct novel_map map;
    unsigned char *edges;
    _Atomic uint64_t yield;
};

static void
map_new(struct novel_map *m)
{
    atomic_store(&m->dirty, 0);
    m->word = shared_new(NOVEL_WORDS * sizeof(uint64_t));
}

static unsigned
bits_of(const struct novel_map *m)
{
    unsigned n = 0;

    for (unsigned i = 0; i < NOVEL_WORDS; i++)
        n += (unsigned)__builtin_popcountll(m->word[i]);
    return n;
}

// Of the whole mapping of the edges, padding and all.
static uint64_t
digest_of(const struct view *v)
{
    const uint64_t *edges = (const void *)v->edges;
    uint64_t h = TALK_DIGEST;

    for (unsigned i = 0; i < NOVEL_WORDS; i++)
        h = talk_digest(h, v->map.word[i]);
    for (unsigned i = 0; i < (order.n_edges + 7) / 8; i++)
        h = talk_digest(h, edges[i]);
    return h;
}

// n bytes, padded to 8, and behind them a page that nobody may touch.
static unsigned char *
edges_new(uint32_t n)
{
    unsigned char *p = shared_new(8192);

    mprotect(p + 4096, 4096, PROT_NONE);
    return p + 4096 - (n + 7) / 8 * 8;
}

static int64_t
coverage_op(struct view *v, const struct op *op)
{
    struct view *on = &v[op->on], *with = &v[op->with % VIEWS];
    struct coverage all = {&v->map, v->edges, order.n_edges};
    struct coverage own = {&on->map, on->edges, order.n_edges};
    unsigned char hits[MOST_EDGES];

    switch (op->what) {
    case OP_NOTE:
        novel_note(&on->map, op->value);
        return 0;
    case OP_CLEAR:
        novel_clear(&on->map);
        return 0;
    case OP_MERGE:
        return (int64_t)novel_merge(&on->map, &with->map);
    case OP_COUNT:
        return (int64_t)novel_count(&on->map);
    case OP_HIT:
        memset(hits, 0xff, sizeof(hits));        // behind n: not to be read
        talk_hits(op->value, hits, order.n_edges);
        novel_classify(on->edges, hits, order.n_edges);
        return 0;
    case OP_MERGE_EDGES:
        return (int64_t)novel_merge_edges(on->edges, with->edges,
                                          order.n_edges);
    case OP_COUNT_EDGES:
        return (int64_t)novel_count_edges(on->edges, order.n_edges);
    case OP_PUBLISH:
        novel_publish(&all, &own, &on->yield);
        return 0;
    case OP_SETTLE:
        return (int64_t)novel_settle(&all, &own, &on->yield,
                                     op->with == NOBODY ? NULL : &with->yield);
    }
    return -1;
}

static void
do_coverage(void)
{
    struct view v[VIEWS];

    for (int i = 0; i < VIEWS; i++) {
        map_new(&v[i].map);
        v[i].edges = edges_new(order.n_edges);
        v[i].yield = 0;
    }
    for (uint32_t i = 0; i < order.n_ops; i++) {
        const struct op *op = &order.op[i];
        int64_t result = coverage_op(v, op);

        X_TELL(E_COVERAGE, NULL, i, result, (int64_t)v[0].yield,
               (int64_t)v[1].yield, (int64_t)v[2].yield, (int64_t)v[3].yield,
               (int64_t)digest_of(&v[0]), (int64_t)digest_of(&v[1]),
               (int64_t)digest_of(&v[2]), (int64_t)digest_of(&v[3]),
               bits_of(&v[op->on].map), (int64_t)v[op->on].map.dirty);
    }
}

static void
do_buckets(void)
{
    for (unsigned i = 0; i < 256; i += 8) {
        int64_t n[9] = {i};

        for (unsigned k = 0; k < 8; k++)
            n[k + 1] = novel_bucket((unsigned char)(i + k));
        x_tell(E_BUCKETS, NULL, 9, n);
    }
}

// ---- maps that must not be touched -----------------------------------------

static sigjmp_buf touched;

static void
on_touch(int sig)
{
    (void)sig;
    siglongjmp(touched, 1);
}

static void
untouched(const char *who, struct novel_map *a, struct novel_map *b)
{
    volatile int64_t is_touched = 0, result = 0;

    if (sigsetjmp(touched, 1) == 0) {
        if (!strcmp(who, "novel_clear"))
            novel_clear(a);
        else
            result = (int64_t)novel_merge(a, b);
    } else {
        is_touched = 1;
    }
    X_TELL(E_UNTOUCHED, who, is_touched, result);
}

// A map over three pages: its first quarter, its middle, its last quarter.
static char *
map_new_split(struct novel_map *m)
{
    char *pages = shared_new(3 * 4096);

    atomic_store(&m->dirty, 0);
    m->word = (_Atomic uint64_t *)(void *)(pages + 2048);
    return pages;
}

// A bit of the first or of the last quarter.
static uint64_t
outer_bit(uint64_t draw)
{
    uint64_t bit = draw % (NOVEL_BITS / 4);

    return draw >> 32 & 1 ? bit : NOVEL_BITS - 1 - bit;
}

// Bits in the outer pages of two maps; the middle is not to be read nor
// written.
static void
do_untouched(void)
{
    struct sigaction handler = {.sa_handler = on_touch};
    uint64_t state = order.seed;
    struct novel_map a, b, empty;
    char *middle[2];

    sigaction(SIGSEGV, &handler, NULL);
    middle[0] = map_new_split(&a) + 4096;
    middle[1] = map_new_split(&b) + 4096;
    map_new(&empty);
    novel_note(&b, 0);
    novel_note(&b, NOVEL_BITS - 1);
    for (uint32_t i = 0; i < order.n_ops; i++) {
        novel_note(&a, outer_bit(talk_next(&state)));
        novel_note(&b, outer_bit(talk_next(&state)));
    }
    mprotect(middle[0], 4096, PROT_NONE);
    mprotect(middle[1], 4096, PROT_NONE);
    mprotect((void *)empty.word, 8192, PROT_NONE);
    untouched("novel_merge", &a, &empty);
    untouched("novel_merge", &a, &b);
    untouched("novel_clear", &b, NULL);
    untouched("novel_clear", &empty, NULL);
}

// ---- instruction by instruction --------------------------------------------

#define TRAP_FLAG 0x100
#define MOST_STEPS 200000        // then the rest runs at once
#define MOST_SWEPT 4000          // of those that others come before

static void (*between)(void);    // what happens between two instructions
static volatile int64_t steps;
static volatile bool is_stepping;

static void
on_step(int sig, siginfo_t *info, void *context)
{
    int saved = 0;

    (void)sig, (void)info, (void)saved;
#ifdef __x86_64__
    greg_t *flags = &((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL];

    if (is_stepping && steps < MOST_STEPS) {
        if (*flags & TRAP_FLAG) {
            steps++;
            between();
        }
        *flags |= TRAP_FLAG;
    } else {
        *flags &= ~(greg_t)TRAP_FLAG;
    }
#else
    (void)context;
#endif
}

static void
step_begin(void (*f)(void))
{
    struct sigaction handler = {.sa_sigaction = on_step,
                                .sa_flags = SA_SIGINFO};

    sigaction(SIGTRAP, &handler, NULL);
    between = f;
    is_stepping = true;
    raise(SIGTRAP);
}

static void
step_end(void)
{
    is_stepping = false;
}

static uint64_t chance;              // state of the handler's generator
static unsigned rate;                // how often something happens in between

static int64_t first_at;             // and not before this instruction

static bool
happens(void)
{
    return steps == first_at ||
           (steps > first_at && talk_next(&chance) % rate == 0);
}

// Often, and seldom: who comes too often is always there before a first time.
static void
choose_rate(unsigned pass)
{
    static const unsigned rates[] = {3, 8, 24, 64};

    rate = rates[pass % 4];
}

// Words of a map that have bits and whose stripe is not set.
static int64_t
orphans_of(const struct novel_map *m)
{
    uint64_t dirty = atomic_load(&m->dirty);
    int64_t n = 0;

    for (unsigned i = 0; i < NOVEL_WORDS; i++)
        n += atomic_load(&m->word[i]) && !(dirty >> (i / NOVEL_STRIPE) & 1);
    return n;
}

static int64_t orphans;              // instants with any
static struct novel_map looked_at;

static void
look(void)
{
    orphans += orphans_of(&looked_at) > 0;
}

// `looked_at` must be the very map that is written: its dirty is in there.
static void
do_killed(void)
{
    struct novel_map from;

    chance = order.seed;
    map_new(&looked_at);
    map_new(&from);
    for (int i = 0; i < 3; i++) {
        uint64_t hash = talk_next(&chance);

        step_begin(look);
        novel_note(&looked_at, hash);
        step_end();
        novel_note(&from, talk_next(&chance));
    }
    X_TELL(E_KILLED, "novel_note", steps, orphans);
    orphans = steps = 0;
    step_begin(look);
    novel_merge(&looked_at, &from);
    step_end();
    X_TELL(E_KILLED, "novel_merge", steps, orphans);
}

// ---- two at once: energy ---------------------------------------------------

struct purse {
    struct energy e;
    struct mark_energy m, other;     // stepped through; of those in between
    _Atomic int64_t taken, back, least, refused;
    _Atomic int arrived;
    struct mark_energy *between;     // one of the two
};
static struct purse *purse;

static bool
take(struct mark_energy *m)
{
    bool is_paid = energy_take(&purse->e, m) != ENERGY_NONE;

    purse->taken += is_paid;
    return is_paid;
}

static void
check_levels(void)
{
    int64_t v[] = {purse->e.global, purse->e.pool, purse->m.left,
                   purse->other.left};

    for (int i = 0; i < 4; i++)
        if (v[i] < purse->least)
            purse->least = v[i];
}

static unsigned burst;
static int64_t last_at;

static void
take_between(void)
{
    check_levels();
    // What comes later is the next passes' business.
    if (steps >= last_at)
        is_stepping = false;
    if (!happens())
        return;
    // One unit, or all that there are.
    for (unsigned n = burst; n > 0; n--) {
        take(purse->between);
        check_levels();
    }
}

static void
nothing_between(void)
{
}

static void
purse_new(int race, struct order *o)
{
    struct split_config c;

    talk_race(&order, race, o);
    configure(&c, o);
    memset(purse, 0, sizeof(*purse));
    energy_reset(&purse->e, &c);
    energy_reset_mark(&purse->m);
    energy_reset_mark(&purse->other);
    atomic_store(&purse->e.pool, o->pool);
    purse->between = race == RACE_REFUSED ? &purse->other : &purse->m;
}

// Levels only fall while others take: who was refused sees now what he lacked.
static void
take_stepped(bool is_adaptive)
{
    bool is_paid = take(&purse->m);

    step_end();
    purse->refused += !is_paid && purse->e.global > 0 &&
                      (!is_adaptive || purse->m.left + purse->e.pool > 0);
}

static void
race_energy(int race, void (*f)(void))
{
    enum energy_level paid = ENERGY_NONE;
    struct order o;

    purse_new(race, &o);
    steps = 0;
    if (race == RACE_BARREN)             // the mark has its own by then
        take(&purse->m);
    if (race == RACE_REFUND_MARK || race == RACE_REFUND_POOL) {
        paid = energy_take(&purse->e, &purse->m);
        purse->taken += paid != ENERGY_NONE;
    }
    for (int64_t n = o.mark_energy; race == RACE_REFUSED && n > 0; n--)
        take(&purse->m);
    step_begin(f);
    if (race == RACE_BARREN)
        energy_barren(&purse->e, &purse->m);
    else if (paid)
        energy_refund(&purse->e, &purse->m, paid);
    else
        take_stepped(o.is_adaptive);
    step_end();
    purse->back += paid != ENERGY_NONE;
}

static void
race_tell(const char *who, int race)
{
    struct purse *p = purse;

    while (take(p->between))
        ;
    X_TELL(E_RACE_ENERGY, who, steps, p->least, p->taken, p->back, p->e.global,
           p->e.pool, p->m.left + p->other.left, p->refused, race);
}

// Everybody in the cell who has come here goes on when n have.
static void
barrier(_Atomic int *arrived, int n, int round)
{
    atomic_fetch_add(arrived, 1);
    while (atomic_load(arrived) < n * (round + 1))
        sched_yield();
}

// CROWD processes at once; each calls f(its number, round) in every round.
static void
crowd(void (*f)(int, int), _Atomic int *arrived)
{
    atomic_store(arrived, 0);
    for (int i = 0; i < CROWD; i++)
        if (fork() == 0) {
            for (int round = 0; round < ROUNDS; round++) {
                barrier(arrived, CROWD, round);
                f(i, round);
            }
            _exit(0);
        }
    while (wait(NULL) > 0)
        ;
}

static void
take_some(int i, int round)
{
    (void)i, (void)round;
    for (int k = 0; k < 4; k++)
        take(&purse->m);
    check_levels();
}

// One unit, or all that there are, before each instruction in turn: any two in
// a row see both.  Then one unit before some, more than once.
static void
sweep_energy(int race, int64_t first)
{
    int64_t most;

    race_energy(race, nothing_between);
    most = steps < MOST_SWEPT ? steps : MOST_SWEPT;
    for (first_at = first; first_at <= most; first_at++) {
        burst = first_at % 2 ? 1 : 8;
        last_at = first_at;
        race_energy(race, take_between);
        race_tell(NULL, race);
    }
    burst = 1;
    rate = 4;
    last_at = most;
    for (int i = 0; i < 4; i++) {
        first_at = first + (int64_t)(talk_next(&chance) % 8);
        race_energy(race, take_between);
        race_tell(NULL, race);
    }
}

// How many instructions are none of yours, but those of raise().
static int64_t
steps_of_raise(void)
{
    steps = 0;
    step_begin(nothing_between);
    step_end();
    return steps > 12 ? steps - 8 : 4;
}

static void
do_race_energy(void)
{
    int64_t first = steps_of_raise();
    struct order o;

    purse = shared_new(sizeof(*purse));
    chance = order.seed;
    for (int race = 0; race < RACES; race++)
        sweep_energy(race, first);
    purse_new(RACE_PROCESSES, &o);
    crowd(take_some, &purse->arrived);
    steps = 0;
    race_tell("processes", RACE_PROCESSES);
}

// ---- two at once: maps -----------------------------------------------------

#define WORDS 3                      // with bits
#define OTHERS 64                    // a few bits each

struct meeting {
    struct novel_map explored, mine, other[OTHERS];
    unsigned char *edges, *my_edges, *other_edges[OTHERS];
    _Atomic uint64_t fresh, merged;  // merged: which others, a bit each
    _Atomic int arrived;
    bool is_edges;
    unsigned first;                  // word with bits
};
static struct meeting *meeting;

static void
merge_other(unsigned i)
{
    meeting->merged |= UINT64_C(1) << i;
    meeting->fresh += meeting->is_edges
        ? novel_merge_edges(meeting->edges, meeting->other_edges[i], 8 * WORDS)
        : novel_merge(&meeting->explored, &meeting->other[i]);
}

static int64_t inner;

static void
merge_between(void)
{
    if (happens()) {
        inner++;
        merge_other((unsigned)(talk_next(&chance) % OTHERS));
    }
}

// Of a word: half of its bits, a few, all, number i.
static uint64_t
half(int i)
{
    (void)i;
    return talk_next(&chance);
}

static uint64_t
few(int i)
{
    uint64_t bits = half(i);

    for (int k = 0; k < 5; k++)
        bits &= half(i);
    return bits;
}

static uint64_t
every(int i)
{
    (void)i;
    return ~UINT64_C(0);
}

static uint64_t
one(int i)
{
    return UINT64_C(1) << i;
}

// Those bits of WORDS neighbouring words, in the map and in the edges.
static void
fill(struct novel_map *m, unsigned char *edges, uint64_t (*of)(int), int number)
{
    uint64_t *e = (void *)edges;

    for (unsigned i = 0; i < WORDS; i++) {
        uint64_t bits = of(number);

        e[i] = bits;
        for (unsigned k = 0; k < 64; k++)
            if (bits >> k & 1) {
                m->word[meeting->first + i] |= UINT64_C(1) << k;
                m->dirty |= UINT64_C(1)
                            << ((meeting->first + i) / NOVEL_STRIPE);
            }
    }
}

// A word that only number i of the others has, in stripe i.
static unsigned
own_word(unsigned i)
{
    return i * NOVEL_STRIPE + (meeting->first + 8) % NOVEL_STRIPE;
}

static void
meeting_begin(bool is_edges)
{
    struct meeting *t = meeting;

    t->is_edges = is_edges;
    t->fresh = t->merged = 0;
    memset((void *)t->explored.word, 0, NOVEL_WORDS * sizeof(uint64_t));
    atomic_store(&t->explored.dirty, 0);
    memset(t->edges, 0, 8 * WORDS);
    inner = 0;
}

static void
meeting_new(uint64_t (*mine)(int), uint64_t (*others)(int))
{
    struct meeting *t = meeting = shared_new(sizeof(*meeting));

    t->first = (unsigned)(talk_next(&chance) % (NOVEL_WORDS - WORDS));
    map_new(&t->explored);
    map_new(&t->mine);
    t->edges = shared_new(4096);
    t->my_edges = shared_new(4096);
    fill(&t->mine, t->my_edges, mine, 0);
    for (int i = 0; i < OTHERS; i++) {
        map_new(&t->other[i]);
        t->other_edges[i] = shared_new(4096);
        fill(&t->other[i], t->other_edges[i], others, i);
        t->other[i].word[own_word((unsigned)i)] |= 1;
        t->other[i].dirty |= UINT64_C(1) << i;
    }
}

static void
meeting_tell(const char *who)
{
    struct meeting *t = meeting;
    int64_t there = 0, belong = 0;

    for (unsigned i = 0; i < WORDS; i++) {
        uint64_t want = ((uint64_t *)(void *)t->my_edges)[i];
        uint64_t got = t->is_edges ? ((uint64_t *)(void *)t->edges)[i]
                                   : t->explored.word[t->first + i];

        for (unsigned k = 0; k < OTHERS; k++)
            if (t->merged >> k & 1)
                want |= ((uint64_t *)(void *)t->other_edges[k])[i];
        there += __builtin_popcountll(got & want);
        belong += __builtin_popcountll(want);
    }
    for (unsigned k = 0; k < OTHERS && !t->is_edges; k++)
        if (t->merged >> k & 1) {
            there += t->explored.word[own_word(k)] & 1;
            belong++;
        }
    X_TELL(E_RACE_MAPS, who, steps, (int64_t)t->fresh, there, belong, inner,
           orphans_of(&t->explored));
}

// One merge into what is explored, with something in between; tells of it.
static void
merge_stepped(bool is_edges, int64_t from, void (*f)(void), bool is_told_of)
{
    uint64_t fresh;

    meeting_begin(is_edges);
    first_at = from;
    steps = 0;
    step_begin(f);
    fresh = is_edges ? novel_merge_edges(meeting->edges, meeting->my_edges,
                                         8 * WORDS)
                     : novel_merge(&meeting->explored, &meeting->mine);
    step_end();
    meeting->fresh += fresh;
    if (is_told_of)
        meeting_tell(is_edges ? "novel_merge_edges" : "novel_merge");
}

// One of the others before each of the next instructions.
static void
each_between(void)
{
    if (steps >= first_at + OTHERS)
        is_stepping = false;
    else if (steps >= first_at) {
        inner++;
        merge_other((unsigned)(steps - first_at));
    }
}

// No instruction but the first few, which are raise()'s, without another merge
// before it, which brings a bit of every word that is being merged.
static void
sweep(bool is_edges)
{
    int64_t most;

    merge_stepped(is_edges, 0, nothing_between, false);
    most = steps < MOST_SWEPT ? steps : MOST_SWEPT;
    for (int64_t at = 4; at <= most; at += OTHERS)
        merge_stepped(is_edges, at, each_between, true);
}

static void
merge_round(int i, int round)
{
    merge_other((unsigned)(i + round) % OTHERS);
}

static void
do_race_maps(void)
{
    chance = order.seed;
    meeting_new(half, few);
    for (unsigned pass = 0; pass < order.n_ops; pass++) {
        choose_rate(pass / 2);
        merge_stepped(pass % 2, 0, merge_between, true);
    }
    meeting_new(every, one);
    sweep(false);
    sweep(true);
    meeting_new(half, few);
    meeting_begin(false);
    steps = 0;
    meeting->fresh = novel_merge(&meeting->explored, &meeting->mine);
    crowd(merge_round, &meeting->arrived);
    meeting_tell("processes");
}

// ---- a whole exploration ---------------------------------------------------

static unsigned char module[MOST_MODULES][MOST_EDGES]
    __attribute__((aligned(8)));
static bool is_told;

void __sanitizer_cov_8bit_counters_init(char *start, char *stop);

// Each step draws a number: it is an edge of some module, and may be a mark.
static int
walk(void *arg)
{
    uint32_t n_edges = 0;

    (void)arg;
    for (uint32_t i = 0; i < order.n_modules; i++)
        n_edges += order.module[i];
    for (uint32_t i = 0; i < order.steps; i++) {
        uint64_t draw = split_below(3 * order.marks);
        char name[32];

        if (n_edges) {
            uint32_t edge = (uint32_t)(draw * 7 % n_edges), k = 0;

            while (edge >= order.module[k])
                edge -= order.module[k++];
            module[k][edge]++;
        }
        if (draw >= order.marks)
            continue;
        snprintf(name, sizeof(name), "mark %u", (unsigned)draw);
        split_reachable(name);
    }
    return 0;
}

static void
do_tree(void)
{
    struct split_config c;
    struct split *x;

    for (uint32_t i = 0; i < order.n_modules; i++)
        __sanitizer_cov_8bit_counters_init((char *)module[i],
                                           (char *)module[i] +
                                               order.module[i]);
    configure(&c, &order);
    c.seed = order.seed;
    c.seeds = order.seeds;
    c.max_depth = order.max_depth;
    c.shared_mb = 16;
    if (order.width) {
        c.width = SPLIT_PROCESSES;
        c.width_n = order.width;
    }
    if (!(x = split_open(&c)))
        _exit(113);
    is_told = true;
    split_run(x, walk, NULL);
    is_told = false;
    split_close(x);
}

static const char *
name_of(struct mark_energy *m)
{
    return ((struct mark *)(void *)((char *)m - offsetof(struct mark, energy)))
        ->name;
}

static int64_t
edge_bits(const struct coverage *c)
{
    int64_t n = 0;

    for (size_t i = 0; i < c->n_edges; i++)
        n += __builtin_popcount(c->edges[i]);
    return n;
}

// The linker sends calls from the rest of the library here (--wrap).
void __real_energy_reset(struct energy *, const struct split_config *);
void __wrap_energy_reset(struct energy *, const struct split_config *);
enum energy_level __real_energy_take(struct energy *, struct mark_energy *);
enum energy_level __wrap_energy_take(struct energy *, struct mark_energy *);
unsigned __real_energy_batch(struct energy *, struct mark_energy *,
                             const struct split_config *, bool,
                             struct spending *);
unsigned __wrap_energy_batch(struct energy *, struct mark_energy *,
                             const struct split_config *, bool,
                             struct spending *);
void __real_novel_publish(const struct coverage *, const struct coverage *,
                          _Atomic uint64_t *);
void __wrap_novel_publish(const struct coverage *, const struct coverage *,
                          _Atomic uint64_t *);
uint64_t __real_novel_settle(const struct coverage *, const struct coverage *,
                             _Atomic uint64_t *, _Atomic uint64_t *);
uint64_t __wrap_novel_settle(const struct coverage *, const struct coverage *,
                             _Atomic uint64_t *, _Atomic uint64_t *);

void
__wrap_energy_reset(struct energy *e, const struct split_config *c)
{
    __real_energy_reset(e, c);
    if (is_told)
        X_TELL(E_TREE_SEED, NULL, e->global, e->pool);
}

enum energy_level
__wrap_energy_take(struct energy *e, struct mark_energy *m)
{
    enum energy_level level = __real_energy_take(e, m);

    if (is_told)
        X_TELL(E_TREE_TAKE, name_of(m), level, e->global, e->pool, m->left);
    return level;
}

unsigned
__wrap_energy_batch(struct energy *e, struct mark_energy *m,
                    const struct split_config *c, bool is_warm,
                    struct spending *s)
{
    int64_t fresh = (int64_t)s->fresh, spawned = s->spawned;
    unsigned n = __real_energy_batch(e, m, c, is_warm, s);

    if (is_told)
        X_TELL(E_TREE_BATCH, name_of(m), spawned, fresh, n, e->global, e->pool,
               m->left);
    return n;
}

void
__wrap_novel_publish(const struct coverage *explored,
                     const struct coverage *own, _Atomic uint64_t *yield)
{
    __real_novel_publish(explored, own, yield);
    if (is_told)
        X_TELL(E_TREE_PUBLISH, NULL, (int64_t)*yield, bits_of(explored->map),
               edge_bits(explored));
}

uint64_t
__wrap_novel_settle(const struct coverage *explored, const struct coverage *own,
                    _Atomic uint64_t *yield, _Atomic uint64_t *parent)
{
    uint64_t all = __real_novel_settle(explored, own, yield, parent);

    if (is_told)
        X_TELL(E_TREE_SETTLE, NULL, (int64_t)all,
               parent ? (int64_t)*parent : -1, bits_of(explored->map),
               edge_bits(explored));
    return all;
}

int
main(void)
{
    static void (*const does[])(void) = {
        do_energy, do_coverage, do_buckets, do_untouched, do_killed,
        do_race_energy, do_race_maps, do_tree,
    };

    for (;;) {
        x_hear(&order, sizeof(order));
        does[order.kind]();
        X_TELL(E_DONE, NULL, 0);
    }
}
