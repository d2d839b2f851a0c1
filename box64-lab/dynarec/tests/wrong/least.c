// SPDX-License-Identifier: MIT
// least.c -- a wrong inuse.c: takes one thread off each counter, as if one
// ghost were in each.
// Caught by: plain
#include "inuse.h"

void
inuse_after_fork(struct dyn *d, const struct cpu *self)
{
    (void)self;
    for (uint32_t i = 0; i < d->chunks; i++)
        for (int k = 0; k < CHUNK_SLOTS; k++) {
            struct block *b = &d->chunk[i].block[k];

            if (atomic_load(&b->in_used) > 1)
                atomic_fetch_sub(&b->in_used, 1);
        }
}
