// SPDX-License-Identifier: MIT
// model.c -- energy, coverage and a whole exploration without atomics, stripes
// and forks.  See the header.

#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "split.h"

// ---- energy ----------------------------------------------------------------

void
m_reset(struct m_energy *e, const struct order *o)
{
    memset(e, 0, sizeof(*e));
    e->is_adaptive = o->is_adaptive;
    e->global = o->energy;
    e->per_mark = o->mark_energy;
}

int
m_take(struct m_energy *e, unsigned mark)
{
    int level = M_GLOBAL;

    if (e->global == 0)
        return M_NONE;
    if (e->is_adaptive) {
        if (!e->is_given[mark])
            e->left[mark] = e->per_mark;
        e->is_given[mark] = true;
        level = e->left[mark] ? M_MARK : e->pool ? M_POOL : M_NONE;
    }
    e->global -= level != M_NONE;
    e->left[mark] -= level == M_MARK;
    e->pool -= level == M_POOL;
    return level;
}

void
m_refund(struct m_energy *e, unsigned mark, int level)
{
    e->global += level != M_NONE;
    e->left[mark] += level == M_MARK;
    e->pool += level == M_POOL;
}

void
m_barren(struct m_energy *e, unsigned mark)
{
    e->pool += e->left[mark];
    e->left[mark] = 0;
}

unsigned
m_batch(struct m_energy *e, unsigned mark, const struct order *o, bool is_warm,
        unsigned spawned, bool is_starved, uint64_t *fresh)
{
    unsigned least = o->min;

    if (is_starved)
        return 0;
    if (!o->is_adaptive)
        return spawned ? 0 : o->timelines;
    if (is_warm && o->warm_min)
        least = o->warm_min;
    else if (is_warm)
        least = o->batch;
    if (spawned >= o->max)
        return 0;
    if (spawned && spawned >= least && !*fresh) {
        m_barren(e, mark);
        return 0;
    }
    *fresh = 0;
    return o->batch < o->max - spawned ? o->batch : o->max - spawned;
}

// ---- coverage --------------------------------------------------------------

unsigned char
m_bucket(unsigned hits)
{
    static const unsigned from[] = {1, 2, 3, 4, 8, 16, 32, 128};
    unsigned char bucket = 0;

    for (unsigned i = 0; i < 8; i++)
        if (hits >= from[i])
            bucket = (unsigned char)(1u << i);
    return bucket;
}

void
m_set(struct m_view *v, uint64_t bit)
{
    v->word[bit % MODEL_BITS / 64] |= UINT64_C(1) << bit % 64;
}

void
m_classify(struct m_view *v, const unsigned char *hits, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        v->edge[i] |= m_bucket(hits[i]);
}

uint64_t
m_merge_map(struct m_view *to, const struct m_view *from)
{
    uint64_t fresh = 0;

    for (unsigned i = 0; i < MODEL_BITS / 64; i++) {
        fresh += (unsigned)__builtin_popcountll(from->word[i] & ~to->word[i]);
        to->word[i] |= from->word[i];
    }
    return fresh;
}

uint64_t
m_merge_edges(struct m_view *to, const struct m_view *from, uint32_t n)
{
    uint64_t fresh = 0;

    for (uint32_t i = 0; i < n; i++)
        for (unsigned b = 1; b < 256; b *= 2)
            if (from->edge[i] & b && !(to->edge[i] & b)) {
                to->edge[i] |= (unsigned char)b;
                fresh++;
            }
    return fresh;
}

uint64_t
m_bits(const struct m_view *v)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < MODEL_BITS / 64; i++)
        n += (unsigned)__builtin_popcountll(v->word[i]);
    return n;
}

uint64_t
m_edge_bits(const struct m_view *v, uint32_t n)
{
    uint64_t bits = 0;

    for (uint32_t i = 0; i < n; i++)
        bits += (unsigned)__builtin_popcount(v->edge[i]);
    return bits;
}

// As the subject's; the edges are padded to 8.
uint64_t
m_digest(const struct m_view *v, uint32_t n)
{
    uint64_t h = TALK_DIGEST;

    for (unsigned i = 0; i < MODEL_BITS / 64; i++)
        h = talk_digest(h, v->word[i]);
    for (uint32_t i = 0; i < (n + 7) / 8; i++) {
        uint64_t word = 0;

        memcpy(&word, v->edge + 8 * i, 8);
        h = talk_digest(h, word);
    }
    return h;
}

uint64_t
m_stripes(const struct m_view *v)
{
    uint64_t stripes = 0;

    for (unsigned i = 0; i < MODEL_BITS / 64; i++)
        stripes |= (uint64_t)(v->word[i] != 0) << i / 16;
    return stripes;
}

// ---- a whole exploration ---------------------------------------------------

struct state {                       // of a timeline: fork is assignment
    uint64_t rng, seed;
    unsigned depth, step;
    const struct state *parent;      // which is waiting
    unsigned number;
};

struct run {
    const struct order *o;
    struct m_energy e;
    struct m_view all;
    bool is_triggered[MODEL_MARKS], is_warm;
    uint32_t n_edges;
    m_see *see;
    void *arg;
    struct m_size size;
    unsigned pool_uses, first_user;  // in this seed
};

static const char *
mark_name(unsigned mark)
{
    static char name[32];

    snprintf(name, sizeof(name), "mark %u", mark);
    return name;
}

#define SEE(r, kind, mark, ...) \
    (r)->see((r)->arg, (kind), (mark), X_COUNT(__VA_ARGS__), \
             (int64_t[]){__VA_ARGS__})

// A timeline's own coverage, while it runs.
struct own {
    struct m_view v;
    unsigned char count[MOST_MODULES * MOST_EDGES];
};

static uint64_t
merge_all(struct run *r, const struct own *own)
{
    return m_merge_map(&r->all, &own->v) +
           m_merge_edges(&r->all, &own->v, r->n_edges);
}

static void
collect(struct run *r, struct own *own)
{
    m_classify(&own->v, own->count, r->n_edges);
    memset(own->count, 0, sizeof(own->count));
}

static void timeline(struct run *r, struct state s, struct own *own);

// The bit of a mark that is reached: mark.c's hash, spread by novel_hash().
static unsigned
mark_bit(const char *name)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ SPLIT_REACHABLE;

    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    h ^= h >> 29;
    h ^= UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
    h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return (unsigned)((h ^ h >> 32) % MODEL_BITS);
}

// Timeline `s` has changed the pool.
static void
pool_used(struct run *r, const struct state *s)
{
    if (r->pool_uses++ == 0)
        r->first_user = s->number;
    if (r->pool_uses != 2)
        return;
    while (s && s->number != r->first_user)
        s = s->parent;
    r->size.crosses |= !s;
}

// A child of `s`; its yield.
static uint64_t
child(struct run *r, const struct state *s, unsigned mark, unsigned index,
      struct own *parent)
{
    struct own *own = calloc(1, sizeof(*own));
    struct state c = *s;
    uint64_t yield;

    c.seed = c.rng = split_child_seed(s->seed, mark_name(mark), index);
    c.depth++;
    c.parent = s;
    c.number = r->size.timelines++;
    if (c.depth > r->size.depth)
        r->size.depth = c.depth;
    timeline(r, c, own);
    collect(r, own);
    yield = own->v.yield + merge_all(r, own);
    parent->v.yield += yield;
    SEE(r, E_TREE_SETTLE, NULL, (int64_t)yield, (int64_t)parent->v.yield,
        (int64_t)m_bits(&r->all), (int64_t)m_edge_bits(&r->all, r->n_edges));
    free(own);
    return yield;
}

static void
split(struct run *r, const struct state *s, unsigned mark, struct own *own)
{
    unsigned spawned = 0, n;
    bool is_starved = false;
    uint64_t fresh = 0;

    if (s->depth >= r->o->max_depth)
        return;
    collect(r, own);
    own->v.yield += merge_all(r, own);
    SEE(r, E_TREE_PUBLISH, NULL, (int64_t)own->v.yield,
        (int64_t)m_bits(&r->all), (int64_t)m_edge_bits(&r->all, r->n_edges));
    do {
        int64_t before = (int64_t)fresh, pool = r->e.pool;

        n = m_batch(&r->e, mark, r->o, r->is_warm, spawned, is_starved,
                    &fresh);
        SEE(r, E_TREE_BATCH, mark_name(mark), spawned, before, n, r->e.global,
            r->e.pool, r->e.left[mark]);
        r->size.barren += n == 0 && !is_starved && spawned < r->o->max;
        if (r->e.pool != pool)
            pool_used(r, s);
        for (unsigned i = 0; i < n && !is_starved; i++) {
            int level = m_take(&r->e, mark);

            SEE(r, E_TREE_TAKE, mark_name(mark), level, r->e.global, r->e.pool,
                r->e.left[mark]);
            r->size.by_pool += level == M_POOL;
            if (level == M_POOL)
                pool_used(r, s);
            is_starved = level == M_NONE;
            if (!is_starved)
                fresh += child(r, s, mark, spawned++, own);
        }
    } while (n);
}

static void
timeline(struct run *r, struct state s, struct own *own)
{
    while (s.step < r->o->steps) {
        unsigned __int128 wide;
        uint64_t draw = talk_next(&s.rng);

        wide = (unsigned __int128)draw * (3 * r->o->marks);
        draw = (uint64_t)(wide >> 64);
        s.step++;
        if (r->n_edges)
            own->count[draw * 7 % r->n_edges]++;
        if (draw >= r->o->marks)
            continue;
        m_set(&own->v, mark_bit(mark_name((unsigned)draw)));
        if (!r->is_triggered[draw]) {
            r->is_triggered[draw] = true;
            split(r, &s, (unsigned)draw, own);
        }
    }
}

static void
root(struct run *r, unsigned index)
{
    struct own *own = calloc(1, sizeof(*own));
    struct state s = {0};
    uint64_t yield;

    m_reset(&r->e, r->o);
    memset(r->is_triggered, 0, sizeof(r->is_triggered));
    r->is_warm = index > 0;
    r->pool_uses = 0;
    SEE(r, E_TREE_SEED, NULL, r->e.global, r->e.pool);
    s.seed = s.rng = split_root_seed(r->o->seed, index);
    s.number = r->size.timelines++;
    timeline(r, s, own);
    collect(r, own);
    yield = own->v.yield + merge_all(r, own);
    SEE(r, E_TREE_SETTLE, NULL, (int64_t)yield, -1, (int64_t)m_bits(&r->all),
        (int64_t)m_edge_bits(&r->all, r->n_edges));
    r->size.is_left |= r->e.pool > 0 && index + 1 < r->o->seeds;
    free(own);
}

static struct m_size
explore(const struct order *o, m_see *see, void *arg)
{
    struct run *r = calloc(1, sizeof(*r));
    struct m_size size;

    r->o = o;
    r->see = see;
    r->arg = arg;
    for (uint32_t i = 0; i < o->n_modules; i++)
        r->n_edges += o->module[i];
    for (uint32_t i = 0; i < o->seeds; i++)
        root(r, i);
    size = r->size;
    free(r);
    return size;
}

void
m_explore(const struct order *o, m_see *see, void *arg)
{
    explore(o, see, arg);
}

static void
count_event(void *arg, int kind, const char *mark, int n, const int64_t *number)
{
    (void)kind, (void)mark, (void)n, (void)number;
    ++*(unsigned *)arg;
}

struct m_size
m_measure(const struct order *o)
{
    unsigned events = 0;
    struct m_size size = explore(o, count_event, &events);

    size.events = events;
    return size;
}
