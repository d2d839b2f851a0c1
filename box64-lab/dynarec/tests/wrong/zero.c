// SPDX-License-Identifier: MIT
// zero.c -- a wrong inuse.c: the obvious repair, which forgets the thread
// that is left.
// Caught by: plain purge-alone
#include "inuse.h"

void
inuse_after_fork(struct dyn *d, const struct cpu *self)
{
    (void)self;
    for (uint32_t i = 0; i < d->chunks; i++)
        for (int k = 0; k < CHUNK_SLOTS; k++) {
            struct block *b = &d->chunk[i].block[k];

            if (atomic_load(&b->in_used) != 0)
                atomic_store(&b->in_used, 0);
        }
}
