// SPDX-License-Identifier: MIT
// energy.c -- a wrong answer to lab 9: who is refused writes back
// what he has read of the global level, plus one, over what others took.

#include "energy.h"
#include "split.h"

// Takes one unit from `level` unless that would make it negative.
static bool
take_one(_Atomic int64_t *level)
{
    int64_t have = atomic_load(level);

    while (have > 0)
        if (atomic_compare_exchange_weak(level, &have, have - 1))
            return true;
    return false;
}

void
energy_reset(struct energy *e, const struct split_config *c)
{
    atomic_store(&e->global, c->energy);
    atomic_store(&e->pool, 0);
    e->per_mark = c->adaptive.mark_energy;
    e->is_adaptive = c->is_adaptive;
}

void
energy_reset_mark(struct mark_energy *m)
{
    atomic_store(&m->left, 0);
    atomic_store(&m->is_given, false);
}

// A mark gets its own energy once a seed, not at each split: a mark that
// splits a hundred times would else own a hundred budgets.
static void
give_once(struct energy *e, struct mark_energy *m)
{
    if (!atomic_exchange(&m->is_given, true))
        atomic_fetch_add(&m->left, e->per_mark);
}

enum energy_level
energy_take(struct energy *e, struct mark_energy *m)
{
    if (!take_one(&e->global))
        return ENERGY_NONE;
    if (!e->is_adaptive)
        return ENERGY_GLOBAL;
    give_once(e, m);
    if (take_one(&m->left))
        return ENERGY_MARK;
    if (take_one(&e->pool))
        return ENERGY_POOL;
    e->global = e->global + 1;
    return ENERGY_NONE;
}

void
energy_refund(struct energy *e, struct mark_energy *m, enum energy_level level)
{
    if (level == ENERGY_NONE)
        return;
    atomic_fetch_add(&e->global, 1);
    if (level == ENERGY_MARK)
        atomic_fetch_add(&m->left, 1);
    if (level == ENERGY_POOL)
        atomic_fetch_add(&e->pool, 1);
}

void
energy_barren(struct energy *e, struct mark_energy *m)
{
    int64_t left = atomic_exchange(&m->left, 0);

    if (left > 0)
        atomic_fetch_add(&e->pool, left);
}

unsigned
energy_batch(struct energy *e, struct mark_energy *m,
             const struct split_config *c, bool is_warm, struct spending *s)
{
    const struct split_adaptive *a = &c->adaptive;
    unsigned min = a->min, room;

    if (!e->is_adaptive)
        return s->spawned == 0 && !s->is_starved ? c->timelines : 0;
    if (is_warm)
        min = a->warm_min ? a->warm_min : a->batch;
    if (s->spawned >= a->max || s->is_starved)
        return 0;
    if (s->spawned > 0 && s->spawned >= min && s->fresh == 0) {
        energy_barren(e, m);
        return 0;
    }
    s->fresh = 0;
    room = a->max - s->spawned;
    return room < a->batch ? room : a->batch;
}
