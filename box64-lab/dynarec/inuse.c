// SPDX-License-Identifier: MIT
// inuse.c -- counts in the child of a fork what its one thread really holds.
// Called by dyn.c in the child; dyn.h describes the blocks.  Book: chapter 6.
//
// A thread that holds a block will come back to it, so the place where it goes
// on is on its stack: a return address where the block called a native
// function, the saved program counter where a signal came in between.  One
// word for each hold.  A word may also only look like one, left over from an
// earlier call, so the words are an upper bound, and the inherited counter is
// another: the smaller one is taken.  What is really held is at most either.
#include "inuse.h"

// Words of the stack that point into each block of a chunk.  The words
// between two frames belong to nobody, which ASan takes for a mistake.
__attribute__((no_sanitize("address"))) static void
count_holds(const struct chunk *c, const char *from, const char *to,
            uint32_t *holds)
{
    const uintptr_t *word = (const uintptr_t *)from;

    for (; (const char *)(word + 1) <= to; word++) {
        struct block *b = block_at(c, *word);

        if (b)
            holds[b - c->block]++;
    }
}

void
inuse_after_fork(struct dyn *d, const struct cpu *self)
{
    const char *here = __builtin_frame_address(0);
    bool known = self != NULL;

    // On a signal stack the words that count are elsewhere: keep everything.
    if (known && (here < self->stack_low || here >= self->stack_top))
        return;
    for (uint32_t i = 0; i < d->chunks; i++) {
        struct chunk *c = &d->chunk[i];
        uint32_t holds[CHUNK_SLOTS] = {0};

        if (known)
            count_holds(c, here, self->stack_top, holds);
        for (int k = 0; k < CHUNK_SLOTS; k++)
            // Compare before storing: a store copies a page.
            if (atomic_load(&c->block[k].in_used) > holds[k])
                atomic_store(&c->block[k].in_used, holds[k]);
    }
}
