// SPDX-License-Identifier: MIT
// inuse.c -- wrong: throws the whole cache away, as a new process would have
// none.  The child is no new process: main goes back to its blocks.
#include "inuse.h"

void
inuse_after_fork(struct dyn *d, const struct cpu *self)
{
    (void)self;
    for (uint32_t i = 0; i < d->chunks; i++)
        for (int k = 0; k < CHUNK_SLOTS; k++) {
            struct block *b = &d->chunk[i].block[k];

            if (!b->live)
                continue;
            atomic_store(&d->table[b->pc], NULL);
            atomic_store(&b->in_used, 0);
            b->live = false;
        }
}
