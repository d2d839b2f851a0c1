// SPDX-License-Identifier: MIT
// inuse.c -- wrong: on a stack that is not the thread's own it keeps one
// hold of each block; there may be more.
#include "inuse.h"

void
inuse_after_fork(struct dyn *d, const struct cpu *self)
{
    bool doubt = false;
    const char *here = __builtin_frame_address(0);

    if (self && (here < self->stack_low || here >= self->stack_top))
        doubt = true;
    for (uint32_t i = 0; i < d->chunks; i++) {
        uint32_t holds[CHUNK_SLOTS] = {0};

        for (const uintptr_t *word = (const uintptr_t *)here;
             self && !doubt && (const char *)word < self->stack_top; word++) {
            struct block *b = block_at(&d->chunk[i], *word);

            if (b)
                holds[b - d->chunk[i].block]++;
        }
        for (int k = 0; k < CHUNK_SLOTS; k++)
            if (atomic_load(&d->chunk[i].block[k].in_used) >
                (holds[k] = doubt ? 1 : holds[k]))
                atomic_store(&d->chunk[i].block[k].in_used, holds[k]);
    }
}
