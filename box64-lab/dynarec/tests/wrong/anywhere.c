// SPDX-License-Identifier: MIT
// anywhere.c -- a wrong inuse.c: does not ask whether this is the thread's
// own stack.
// Caught by: altstack
#include "inuse.h"

void
inuse_after_fork(struct dyn *d, const struct cpu *self)
{
    for (uint32_t i = 0; i < d->chunks; i++)
        for (int k = 0; k < CHUNK_SLOTS; k++) {
            struct block *b = &d->chunk[i].block[k];

            uint32_t held = 0;
            const uintptr_t *word = __builtin_frame_address(0);

            for (; self && (const char *)word < self->stack_top; word++)
                held += block_at(&d->chunk[i], *word) == b;
            if (atomic_load(&b->in_used) > held)
                atomic_store(&b->in_used, held);
        }
}
