// SPDX-License-Identifier: MIT
// inuse.c -- wrong: remembers the stack of the first fork, since "the child has
// one thread".  It may start others, and one of those may fork.
#include "inuse.h"

void
inuse_after_fork(struct dyn *d, const struct cpu *self)
{
    static const char *low, *top;
    const char *here = __builtin_frame_address(0);

    if (self && !top) {
        low = self->stack_low;
        top = self->stack_top;
    }
    if (self && (here < low || here >= top))
        return;
    for (uint32_t i = 0; i < d->chunks; i++) {
        uint32_t holds[CHUNK_SLOTS] = {0};

        for (const uintptr_t *word = (const uintptr_t *)here;
             self && (const char *)word < top; word++) {
            struct block *b = block_at(&d->chunk[i], *word);

            if (b)
                holds[b - d->chunk[i].block]++;
        }
        for (int k = 0; k < CHUNK_SLOTS; k++)
            if (atomic_load(&d->chunk[i].block[k].in_used) > holds[k])
                atomic_store(&d->chunk[i].block[k].in_used, holds[k]);
    }
}
