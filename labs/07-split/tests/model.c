// SPDX-License-Identifier: MIT
// model.c -- the split loop as a recursive function: fork is assignment.  See
// model.h.  Book: chapter 7.

#include "model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GAMMA UINT64_C(0x9e3779b97f4a7c15)
#define MIX1 UINT64_C(0xbf58476d1ce4e5b9)
#define MIX2 UINT64_C(0x94d049bb133111eb)
#define PRIME UINT64_C(0x100000001b3)

// ---- numbers ---------------------------------------------------------------

static uint64_t
mix(uint64_t z)
{
    z = (z ^ z >> 30) * MIX1;
    z = (z ^ z >> 27) * MIX2;
    return z ^ z >> 31;
}

// The inverse of an odd number: each step doubles the bits that are right.
static uint64_t
inverse(uint64_t odd)
{
    uint64_t x = odd;

    for (int i = 0; i < 5; i++)
        x *= 2 - odd * x;
    return x;
}

// The z with z ^ z >> by == y, from its high bits down.
static uint64_t
unshift(uint64_t y, unsigned by)
{
    uint64_t z = y;

    for (unsigned known = by; known < 64; known += by)
        z = y ^ z >> by;
    return z;
}

static uint64_t
unmix(uint64_t y)
{
    y = unshift(y, 31) * inverse(MIX2);
    y = unshift(y, 27) * inverse(MIX1);
    return unshift(y, 30);
}

// From the mathematical library; long double has bits enough.
static uint64_t
spread(uint64_t begin, uint64_t index)
{
    long double l = log2l((long double)(2 * index + 1));
    uint64_t bits = (uint64_t)((l - floorl(l)) * 4294967296.0L);
    uint64_t fine = index ? mix(begin ^ index) >> 32 : 0;

    return unmix(begin + (bits << 32) + fine) - GAMMA;
}

uint64_t
model_child_seed(uint64_t parent, const char *mark, uint64_t index)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (; *mark; mark++)
        h = (h ^ (unsigned char)*mark) * PRIME;
    return spread(mix(mix(parent + GAMMA) ^ h), index);
}

uint64_t
model_root_seed(uint64_t seed, uint64_t index)
{
    return spread(mix(seed + GAMMA), index);
}

// ---- a timeline ------------------------------------------------------------

// All that there is to a process, here.
struct state {
    int node;
    uint64_t rng, seed, count, hash;
    unsigned depth, step;
    uint64_t ticks;
    bool is_child;
    unsigned level;                  // what it takes for its depth
    bool own[MARKS];                 // what it saw since it was born
    const struct split_step *next, *end;
    bool is_alone;                   // its splits are put off, or ignored
};

// A split that was put off.
struct put_off {
    int node, mark;
    uint64_t seed, count;
};

struct queue {
    size_t n, taken;
    struct put_off item[MODEL_NODES];
};
static struct queue queue;

static void
expect(struct model *m, enum kind kind, const struct state *s, int mark,
       int way)
{
    struct expected *e;

    if (m->n_events == MODEL_EVENTS) {
        fprintf(stderr, "judge: more than %d events\n", MODEL_EVENTS);
        exit(70);
    }
    e = &m->event[m->n_events++];
    *e = (struct expected){.kind = kind, .node = s->node};
    e->n[N_DEPTH] = s->depth;
    e->n[N_SEED] = (int64_t)s->seed;
    e->n[N_COUNT] = (int64_t)s->count;
    e->n[N_HASH] = (int64_t)s->hash;
    e->n[N_STEP] = s->step;
    e->n[N_MARK] = mark;
    e->n[N_WAY] = way;
    e->n[N_GLOBAL] = m->global;
    e->n[N_POOL] = m->pool;
    e->n[N_LEFT] = mark < 0 ? 0 : m->left[mark];
    e->n[N_SIGCHLD] = m->order.circumstances & SIGCHLD_IGNORED ? 1
                      : m->order.circumstances & SIGCHLD_HANDLED ? 2 : 0;
    e->n[N_IS_CHILD] = s->is_child;
    e->n[N_TICKS] = (int64_t)s->ticks;
}

static void
reseed(struct state *s, uint64_t seed)
{
    s->rng = s->seed = seed;
    s->count = 0;
}

// What a child is that its parent is not.
static void
be_born(struct state *s, uint64_t seed)
{
    reseed(s, seed);
    s->depth++;
    s->ticks = 0;
    s->is_child = true;
}

static void
follow_path(struct model *m, struct state *s)
{
    while (s->next < s->end && s->count >= s->next->count) {
        struct expected *e;

        expect(m, EV_STEP, s, -1, 0);
        e = &m->event[m->n_events - 1];
        e->n[S_COUNT] = (int64_t)s->next->count;
        e->n[S_SEED] = (int64_t)s->next->seed;
        e->n[S_DRAWS] = (int64_t)s->count;
        e->n[S_OLD_SEED] = (int64_t)s->seed;
        e->n[S_TICKS] = (int64_t)s->ticks;
        be_born(s, s->next->seed);
        if (++s->next == s->end)
            expect(m, EV_ARRIVED, s, -1, 0);
    }
}

static uint64_t
draw(struct model *m, struct state *s)
{
    uint64_t drawn = mix(s->rng += GAMMA);

    s->count++;
    follow_path(m, s);
    return drawn;
}

static void
note(struct state *s, uint64_t value)
{
    s->hash = (s->hash ^ value) * PRIME;
}

static uint64_t
merge(struct model *m, const struct state *s)
{
    uint64_t fresh = 0;

    for (int i = 0; i < MARKS; i++) {
        fresh += s->own[i] && !m->is_explored[i];
        m->is_explored[i] |= s->own[i];
    }
    return fresh;
}

// ---- energy ----------------------------------------------------------------

enum paid { PAID_NOT, PAID_GLOBAL, PAID_MARK, PAID_POOL };

static enum paid
take(struct model *m, int mark)
{
    if (m->global == 0)
        return PAID_NOT;
    m->global--;
    if (!m->order.config.is_adaptive)
        return PAID_GLOBAL;
    if (!m->is_given[mark])
        m->left[mark] = m->order.config.adaptive.mark_energy;
    m->is_given[mark] = true;
    if (m->left[mark] > 0) {
        m->left[mark]--;
        return PAID_MARK;
    }
    if (m->pool > 0) {
        m->pool--;
        return PAID_POOL;
    }
    m->global++;
    return PAID_NOT;
}

static void
give_back(struct model *m, int mark, enum paid paid)
{
    m->global++;
    m->left[mark] += paid == PAID_MARK;
    m->pool += paid == PAID_POOL;
}

// Whether this fork fails so often that it is given up.
static bool
fork_fails(struct model *m)
{
    const struct fork_fails *f = &m->order.fails[m->next_fail];
    int tries = (int)m->order.config.fork_tries;

    if (m->next_fail == FAILS || !f->times || (int)m->n_nodes != f->born)
        return false;
    m->next_fail++;
    m->retries += (uint64_t)(f->times < tries ? f->times : tries - 1);
    m->failures += f->times >= tries;
    return f->times >= tries;
}

// ---- the loop --------------------------------------------------------------

static uint64_t run(struct model *m, struct state *s);

static int
new_node(struct model *m, int parent, int mark, uint64_t count, uint64_t seed,
         unsigned depth)
{
    if (m->n_nodes == MODEL_NODES) {
        fprintf(stderr, "judge: more than %d timelines\n", MODEL_NODES);
        exit(70);
    }
    m->node[m->n_nodes] = (struct model_node){
        .parent = parent, .mark = mark, .count = count, .seed = seed,
        .depth = depth};
    return (int)m->n_nodes++;
}

static uint64_t
child(struct model *m, const struct state *parent, int mark, unsigned index)
{
    struct state s = *parent;                // fork()
    const char *name = m->order.walk.mark[mark];
    uint64_t yield;

    memset(s.own, 0, sizeof(s.own));
    be_born(&s, model_child_seed(parent->seed, name, index));
    s.node = new_node(m, parent->node, mark, parent->count, s.seed, s.depth);
    expect(m, EV_BORN, &s, mark, 0);
    if (s.step % 3 == 2)
        note(&s, draw(m, &s));
    s.step++;
    yield = run(m, &s);
    return yield + merge(m, &s);
}

// The splits of a discovery.  `*spawned` children so far.
static uint64_t
split(struct model *m, struct state *s, int mark)
{
    const struct split_config *c = &m->order.config;
    const struct split_adaptive *a = &c->adaptive;
    unsigned spawned = 0, min = a->min, batch;
    uint64_t total = m->mistake == OWN_NEWS ? 0 : merge(m, s), fresh;

    if (m->is_warm && m->mistake != NEVER_WARM)
        min = a->warm_min ? a->warm_min : a->batch;
    for (;;) {
        batch = c->timelines;
        if (c->is_adaptive)
            batch = a->max - spawned < a->batch ? a->max - spawned : a->batch;
        fresh = 0;
        for (; batch > 0; batch--) {
            enum paid paid = take(m, mark);

            if (paid == PAID_NOT && m->mistake == PAYS_LATER)
                fresh += child(m, s, mark, spawned);
            if (paid == PAID_NOT)
                return total + fresh;
            if (fork_fails(m)) {
                give_back(m, mark, paid);
                return total + fresh;
            }
            m->splits += spawned == 0;
            s->level += m->mistake == LEVEL_STAYS;
            fresh += child(m, s, mark, spawned++);
            if (m->is_stopped)
                return 0;
        }
        if (m->mistake == YIELD_IS_LOST)
            fresh = 0;
        total += fresh;
        if (!c->is_adaptive || spawned >= a->max || m->mistake == ONE_BATCH)
            return total;
        if (fresh == 0 && spawned >= min) {
            m->pool += m->left[mark];
            m->left[mark] = 0;
            return total;
        }
    }
}

static uint64_t
discover(struct model *m, struct state *s, int mark)
{
    unsigned depth = m->mistake == LEVEL_STAYS ? s->level : s->depth;
    uint64_t yield = 0;

    expect(m, EV_DISCOVER, s, mark, 0);
    if (depth < m->order.config.max_depth && s->is_alone)
        queue.item[queue.n++] = (struct put_off){s->node, mark, s->seed,
                                                 s->count};
    else if (depth < m->order.config.max_depth)
        yield = split(m, s, mark);
    if (m->is_stopped)
        m->node[s->node].death = SPLIT_STOPPED;
    else
        expect(m, EV_BACK, s, mark, 0);
    return yield;
}

enum split_death
model_death(enum way way, int *code)
{
    static const struct {
        enum split_death death;
        int code;
    } of[] = {
        [WAY_FINE] = {SPLIT_FINE, 0},      [WAY_RETURN] = {SPLIT_EXIT, 9},
        [WAY_ALWAYS] = {SPLIT_ASSERTION, 42}, [WAY_BUG] = {SPLIT_BUG, 42},
        [WAY_CODE] = {SPLIT_EXIT, 7},      [WAY_EXIT] = {SPLIT_ESCAPED, 1},
        [WAY_ABORT] = {SPLIT_ABORT, 6},    [WAY_SEGV] = {SPLIT_SIGNAL, 11},
        [WAY_KILL] = {SPLIT_SIGNAL, 9},    [WAY_HANG] = {SPLIT_HANG, 42},
        [WAY_STUCK] = {SPLIT_HANG, 9},
    };

    *code = of[way].code;
    return of[way].death;
}

static void
end(struct model *m, const struct state *s, enum way way)
{
    struct model_node *n = &m->node[s->node];
    unsigned stop_after = m->order.config.stop_after;

    expect(m, EV_END, s, -1, (int)way);
    n->death = model_death(way, &n->code);
    if (m->mistake == ONLY_42 && n->code != 42)
        n->death = SPLIT_FINE;
    if (n->death == SPLIT_FINE || m->n_findings == MODEL_FINDINGS)
        return;
    m->finding[m->n_findings++] = (struct model_finding){
        n->death, n->code, s->node, m->root_seed};
    m->is_stopped = stop_after && m->n_findings >= stop_after;
}

static uint64_t
run(struct model *m, struct state *s)
{
    const struct walk *k = &m->order.walk;
    uint64_t yield = 0, d;

    while (s->step < k->steps) {
        uint64_t range = k->marks + k->n_ways + k->idle;

        // On its way to where it explores, no time passes for it.
        if (s->next == s->end || m->is_replay)
            s->ticks += k->tick;
        d = (uint64_t)((unsigned __int128)draw(m, s) * range >> 64);
        note(s, d);
        // Before it has arrived, a timeline that is run again sees nothing;
        // the step's own reseeding comes before the assertion.
        if (d < k->marks) {
            s->own[d] = s->next == s->end || s->own[d];
            if (m->is_replay) {
                m->passed += !m->is_triggered[d];   // nothing splits any more
            } else if (s->next == s->end && !m->is_triggered[d]) {
                m->is_triggered[d] = true;
                yield += discover(m, s, (int)d);
                if (m->is_stopped)
                    return 0;
            }
        } else if (d < k->marks + k->n_ways && s->depth >= k->dies_from) {
            end(m, s, k->way[d - k->marks]);
            return yield;
        }
        if (s->step % 3 == 2)
            note(s, draw(m, s));
        s->step++;
    }
    end(m, s, WAY_FINE);
    return yield;
}

// ---- whole runs ------------------------------------------------------------

static void
next_seed(struct model *m, unsigned index)
{
    m->global = m->order.config.energy;
    m->pool = 0;
    memset(m->left, 0, sizeof(m->left));
    memset(m->is_given, 0, sizeof(m->is_given));
    memset(m->is_triggered, 0, sizeof(m->is_triggered));
    m->is_warm = index > 0;
    m->root_seed = model_root_seed(m->order.config.seed, index);
}

static struct state
root(struct model *m, int node, const struct split_step *path, size_t len)
{
    struct state s = {.node = node, .seed = m->root_seed,
                      .rng = m->root_seed, .next = path, .end = path + len,
                      .is_child = len > 0 && !m->is_replay};

    expect(m, EV_BEGIN, &s, -1, 0);
    return s;
}

void
model_run(struct model *m)
{
    for (unsigned i = 0; i < m->order.config.seeds && !m->is_stopped; i++) {
        struct state s;

        next_seed(m, i);
        s = root(m, new_node(m, -1, -1, 0, m->root_seed, 0), NULL, 0);
        run(m, &s);
        merge(m, &s);
    }
}

void
model_run_put_off(struct model *m)
{
    struct split_step path[PATH];
    struct state s;
    size_t len;

    queue = (struct queue){0};
    next_seed(m, 0);
    s = root(m, new_node(m, -1, -1, 0, m->root_seed, 0), NULL, 0);
    s.is_alone = true;
    run(m, &s);
    for (; queue.taken < queue.n; queue.taken++) {
        struct put_off *p = &queue.item[queue.taken];
        const char *name = m->order.walk.mark[p->mark];

        for (unsigned i = 0; i < m->order.config.timelines; i++) {
            uint64_t seed = model_child_seed(p->seed, name, i);

            if (take(m, p->mark) == PAID_NOT)
                break;
            m->splits += i == 0;
            s.node = new_node(m, p->node, p->mark, p->count, seed,
                              m->node[p->node].depth + 1);
            len = model_path(m, s.node, path);
            s = root(m, s.node, path, len);
            s.is_alone = true;
            run(m, &s);
        }
    }
}

void
model_replay(struct model *m, uint64_t root_seed,
             const struct split_step *path, size_t len)
{
    size_t n_findings = m->n_findings;
    struct state s;

    m->n_events = 0;
    m->root_seed = root_seed;
    m->order.config.stop_after = 0;
    m->is_replay = true;
    m->passed = 0;
    s = root(m, (int)m->n_nodes, path, len);
    m->n_nodes++;
    run(m, &s);
    m->n_nodes--;
    m->n_findings = n_findings;
    m->is_replay = false;
}

size_t
model_path(const struct model *m, int node, struct split_step *path)
{
    size_t len = m->node[node].depth;

    for (size_t i = len; i-- > 0; node = m->node[node].parent)
        path[i] = (struct split_step){m->node[node].count,
                                      m->node[node].seed};
    return len;
}
