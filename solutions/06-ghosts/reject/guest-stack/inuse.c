// SPDX-License-Identifier: MIT
// inuse.c -- wrong: looks at the guest's return addresses.  A block that has
// called another one has left, and one that called qsort has pushed nothing.
#include "inuse.h"

void
inuse_after_fork(struct dyn *d, const struct cpu *self)
{
    for (uint32_t i = 0; i < d->chunks; i++)
        for (int k = 0; k < CHUNK_SLOTS; k++) {
            struct block *b = &d->chunk[i].block[k];
            uint32_t held = 0;

            for (uint32_t n = 0; self && n < self->depth; n++)
                held += self->ret[n] - b->pc < b->insns;
            if (atomic_load(&b->in_used) > held)
                atomic_store(&b->in_used, held);
        }
}
