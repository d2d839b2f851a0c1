// SPDX-License-Identifier: MIT
// always.c -- a wrong inuse.c: stores what is right already, and so copies
// every page.
// Caught by: untouched
#include "inuse.h"

void
inuse_after_fork(struct dyn *d, const struct cpu *self)
{
    const char *here = __builtin_frame_address(0);

    if (self && (here < self->stack_low || here >= self->stack_top))
        return;
    for (uint32_t i = 0; i < d->chunks; i++)
        for (int k = 0; k < CHUNK_SLOTS; k++) {
            struct block *b = &d->chunk[i].block[k];

            uint32_t held = 0;
            const uintptr_t *word = __builtin_frame_address(0);

            for (; self && (const char *)word < self->stack_top; word++)
                held += block_at(&d->chunk[i], *word) == b;
            uint32_t old = atomic_load(&b->in_used);

            atomic_store(&b->in_used, held < old ? held : old);
        }
}
