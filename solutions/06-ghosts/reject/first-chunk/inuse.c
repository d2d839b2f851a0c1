// SPDX-License-Identifier: MIT
// inuse.c -- wrong: only the first chunk is looked at; small programs have no
// other.
#include "inuse.h"

void
inuse_after_fork(struct dyn *d, const struct cpu *self)
{
    const char *here = __builtin_frame_address(0);
    const struct chunk *c = &d->chunk[0];
    uint32_t holds[CHUNK_SLOTS] = {0};

    if (d->chunks == 0 ||
        (self && (here < self->stack_low || here >= self->stack_top)))
        return;
    for (const uintptr_t *word = (const uintptr_t *)here;
         self && (const char *)word < self->stack_top; word++) {
        struct block *b = block_at(c, *word);

        if (b)
            holds[b - c->block]++;
    }
    for (int k = 0; k < CHUNK_SLOTS; k++)
        if (atomic_load(&c->block[k].in_used) > holds[k])
            atomic_store(&c->block[k].in_used, holds[k]);
}
