// SPDX-License-Identifier: MIT
// inuse.c -- wrong: the safe thing, 1 where anything is held.  Never too small
// unless calls nest; and no block of a dead thread is ever freed.
#include "inuse.h"

void
inuse_after_fork(struct dyn *d, const struct cpu *self)
{
    (void)self;
    for (uint32_t i = 0; i < d->chunks; i++)
        for (int k = 0; k < CHUNK_SLOTS; k++)
            if (atomic_load(&d->chunk[i].block[k].in_used) > 1)
                atomic_store(&d->chunk[i].block[k].in_used, 1);
}
