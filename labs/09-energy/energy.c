// SPDX-License-Identifier: MIT
// energy.c -- three-level energy and the batches of a split.  Yours to write.
// Called from split.c, window.c and run.c; the contract is energy.h.
// Book: chapter 9.
//
// As it is, there is one level, everybody gets from it what he asks for, and
// nobody looks at what came of it.

#include "energy.h"
#include "split.h"

void
energy_reset(struct energy *e, const struct split_config *c)
{
    atomic_store(&e->global, c->energy);
    e->is_adaptive = c->is_adaptive;
}

void
energy_reset_mark(struct mark_energy *m)
{
    (void)m;
}

// Takes first, and looks afterwards: what is wrong with that?
enum energy_level
energy_take(struct energy *e, struct mark_energy *m)
{
    (void)m;
    if (atomic_fetch_sub(&e->global, 1) <= 0)
        return ENERGY_NONE;
    return ENERGY_GLOBAL;
}

void
energy_refund(struct energy *e, struct mark_energy *m, enum energy_level level)
{
    (void)e, (void)m, (void)level;
}

void
energy_barren(struct energy *e, struct mark_energy *m)
{
    (void)e, (void)m;
}

// One batch for each split.
unsigned
energy_batch(struct energy *e, struct mark_energy *m,
             const struct split_config *c, bool is_warm, struct spending *s)
{
    (void)e, (void)m, (void)is_warm;
    return s->spawned == 0 ? c->timelines : 0;
}
