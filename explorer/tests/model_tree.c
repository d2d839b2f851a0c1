// SPDX-License-Identifier: MIT
// model_tree.c -- the split loop as a recursive function.  See the header.

#include "model_tree.h"

#include <stdio.h>
#include <string.h>

#define GAMMA UINT64_C(0x9e3779b97f4a7c15)

const char *
walk_mark(unsigned i)
{
    static char name[32];

    snprintf(name, sizeof(name), "mark %u", i);
    return name;
}

// Every third step may discover something, if the draw says so.
int
walk_sim(void *arg)
{
    const struct walk *w = arg;

    for (unsigned i = 0; i < w->steps; i++) {
        uint64_t draw = split_below(3 * w->marks);

        split_sometimes(draw < w->marks, walk_mark((unsigned)(draw %
                                                             w->marks)));
    }
    return 0;
}

// A timeline in the middle of its walk: fork is assignment.
struct state {
    uint64_t rng, count, seed, node;
    unsigned depth, i;
    bool own[MODEL_MARKS];          // what it saw since it began
};

static uint64_t
mix(uint64_t z)
{
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint64_t run(struct model *m, struct state *s);

static uint64_t
merge(struct model *m, const struct state *s)
{
    uint64_t fresh = 0;

    for (unsigned i = 0; i < MODEL_MARKS; i++) {
        fresh += s->own[i] && !m->is_explored[i];
        m->is_explored[i] |= s->own[i];
    }
    return fresh;
}

static bool
take(struct model *m, unsigned mark)
{
    if (m->global == 0)
        return false;
    if (m->config.is_adaptive && !m->is_given[mark]) {
        m->is_given[mark] = true;
        m->left[mark] = m->config.adaptive.mark_energy;
    }
    if (m->config.is_adaptive) {
        if (m->left[mark] > 0)
            m->left[mark]--;
        else if (m->pool > 0)
            m->pool--;
        else
            return false;
    }
    m->global--;
    return true;
}

// Its yield, descendants and all.
static uint64_t
child(struct model *m, const struct state *parent, unsigned mark,
      unsigned index)
{
    struct state s = *parent;
    uint64_t yield;

    memset(s.own, 0, sizeof(s.own));
    s.seed = s.rng = split_child_seed(parent->seed, walk_mark(mark), index);
    s.node = m->n;
    s.depth++;
    if (m->n < MODEL_NODES)
        m->node[m->n++] = (struct model_node){parent->node, parent->count,
                                              s.seed, s.depth};
    s.count = 0;
    yield = run(m, &s);
    return yield + merge(m, &s);
}

static uint64_t
discover(struct model *m, struct state *s, unsigned mark)
{
    const struct split_adaptive *a = &m->config.adaptive;
    unsigned spawned = 0, batch = m->config.timelines;
    uint64_t total, fresh;

    if (s->depth >= m->config.max_depth)
        return 0;
    total = merge(m, s);
    for (;;) {
        fresh = 0;
        if (m->config.is_adaptive)
            batch = a->max - spawned < a->batch ? a->max - spawned : a->batch;
        for (unsigned i = 0; i < batch; i++) {
            if (!take(m, mark))
                return total;
            fresh += child(m, s, mark, spawned++);
        }
        if (m->is_yield_lost)
            fresh = 0;
        total += fresh;
        if (!m->config.is_adaptive || spawned >= a->max)
            return total;
        if (fresh == 0 && spawned >= a->min) {
            m->pool += m->left[mark];
            m->left[mark] = 0;
            return total;
        }
    }
}

static uint64_t
run(struct model *m, struct state *s)
{
    uint64_t yield = 0;

    while (s->i < m->walk.steps) {
        uint64_t draw;
        unsigned mark;

        s->count++;
        draw = (uint64_t)((unsigned __int128)mix(s->rng += GAMMA) *
                          (3 * m->walk.marks) >> 64);
        s->i++;
        if (draw >= m->walk.marks)
            continue;
        mark = (unsigned)(draw % m->walk.marks);
        s->own[mark] = true;
        if (!m->is_triggered[mark]) {
            m->is_triggered[mark] = true;
            yield += discover(m, s, mark);
        }
    }
    return yield;
}

void
model_run(struct model *m)
{
    struct state s = {.seed = m->config.seed, .rng = m->config.seed};

    m->global = m->config.energy;
    m->n = 1;
    run(m, &s);
}
