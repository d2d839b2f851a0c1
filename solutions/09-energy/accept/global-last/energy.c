// SPDX-License-Identifier: MIT
// energy.c -- a right answer to lab 9, with one function that moves units: a
// level is changed by compare-and-exchange of what the caller has computed.
// The mark or the pool pays first, the global level last.

#include "energy.h"
#include "split.h"

// Adds `change` to a level and returns what it was; leaves it alone, and
// returns -1, if it would be negative.
static int64_t
move(_Atomic int64_t *level, int64_t change)
{
    int64_t was = atomic_load(level);

    do {
        if (was + change < 0)
            return -1;
    } while (!atomic_compare_exchange_strong(level, &was, was + change));
    return was;
}

void
energy_reset(struct energy *e, const struct split_config *c)
{
    e->global = c->energy;
    e->pool = 0;
    e->per_mark = c->adaptive.mark_energy;
    e->is_adaptive = c->is_adaptive;
}

void
energy_reset_mark(struct mark_energy *m)
{
    m->left = 0;
    m->is_given = false;
}

static _Atomic int64_t *
purse(struct energy *e, struct mark_energy *m, enum energy_level level)
{
    return level == ENERGY_MARK ? &m->left
         : level == ENERGY_POOL ? &e->pool : NULL;
}

// The level beside the global one that has paid.
static enum energy_level
pay_locally(struct energy *e, struct mark_energy *m)
{
    bool is_given = false;

    if (!e->is_adaptive)
        return ENERGY_GLOBAL;
    if (atomic_compare_exchange_strong(&m->is_given, &is_given, true))
        move(&m->left, e->per_mark);
    if (move(&m->left, -1) > 0)
        return ENERGY_MARK;
    return move(&e->pool, -1) > 0 ? ENERGY_POOL : ENERGY_NONE;
}

enum energy_level
energy_take(struct energy *e, struct mark_energy *m)
{
    enum energy_level paid;
    _Atomic int64_t *level;

    if (e->global == 0)
        return ENERGY_NONE;
    paid = pay_locally(e, m);
    level = purse(e, m, paid);
    if (paid == ENERGY_NONE || move(&e->global, -1) > 0)
        return paid;
    if (level)
        move(level, 1);
    return ENERGY_NONE;
}

void
energy_refund(struct energy *e, struct mark_energy *m, enum energy_level level)
{
    _Atomic int64_t *from = purse(e, m, level);

    if (from)
        move(from, 1);
    if (level != ENERGY_NONE)
        move(&e->global, 1);
}

// Unit by unit, so that a take in between finds each either here or there.
void
energy_barren(struct energy *e, struct mark_energy *m)
{
    while (move(&m->left, -1) > 0)
        move(&e->pool, 1);
}

static unsigned
least(const struct split_adaptive *a, bool is_warm)
{
    if (!is_warm)
        return a->min;
    return a->warm_min > 0 ? a->warm_min : a->batch;
}

unsigned
energy_batch(struct energy *e, struct mark_energy *m,
             const struct split_config *c, bool is_warm, struct spending *s)
{
    const struct split_adaptive *a = &c->adaptive;
    uint64_t fresh = s->fresh;
    unsigned end;

    if (s->is_starved || s->spawned >= (e->is_adaptive ? a->max : 1))
        return 0;
    if (!e->is_adaptive)
        return c->timelines;
    if (s->spawned && s->spawned >= least(a, is_warm) && !fresh) {
        energy_barren(e, m);
        return 0;
    }
    s->fresh = 0;
    end = s->spawned + a->batch;
    return (end > a->max ? a->max : end) - s->spawned;
}
