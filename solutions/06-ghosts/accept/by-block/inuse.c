// SPDX-License-Identifier: MIT
// inuse.c -- block by block: only for one whose counter is not 0 is the stack
// looked at, and only until as many words were found as the counter says.  A
// child without ghosts stops early, and nothing has to be stored in between.
#include "inuse.h"

// Does this thread hold the block at least `times`?  The number of holds that
// were found, at most `times`.
__attribute__((noinline, no_sanitize("address"))) static uint32_t
holds(const struct block *b, uint32_t times, const uintptr_t *word,
      const uintptr_t *end)
{
    uint32_t found = 0;

    for (; word < end && found < times; word++)
        if (*word - (uintptr_t)b->code - 1 < b->size - 1)
            found++;
    return found;
}

void
inuse_after_fork(struct dyn *d, const struct cpu *self)
{
    const uintptr_t *sp = __builtin_frame_address(0);
    const uintptr_t *low = NULL, *top = NULL;

    if (self) {
        low = (const uintptr_t *)self->stack_low;
        top = (const uintptr_t *)self->stack_top;
        if (sp < low || sp >= top)
            return;
    }
    for (struct chunk *c = d->chunk; c < d->chunk + d->chunks; c++)
        for (struct block *b = c->block; b < c->block + CHUNK_SLOTS; b++) {
            uint32_t was = atomic_load(&b->in_used);
            uint32_t is = was && self ? holds(b, was, sp, top) : 0;

            if (is != was)
                atomic_store(&b->in_used, is);
        }
}
