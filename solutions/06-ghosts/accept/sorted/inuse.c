// SPDX-License-Identifier: MIT
// inuse.c -- the stack once: it is read a page at a time by a system call, as a
// debugger would; what is a place in some chunk is kept in a sorted list, and
// each counter is then compared with a stretch of that list.  When the list is
// full, nothing more is known, and nothing is changed.
#include "inuse.h"

#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MOST = 4096, PIECE = 512 };

static uintptr_t place[MOST];

static bool
in_a_chunk(const struct dyn *d, uintptr_t word)
{
    for (uint32_t i = 0; i < d->chunks; i++)
        if (word - (uintptr_t)d->chunk[i].code < CHUNK_SLOTS * SLOT_SIZE)
            return true;
    return false;
}

// The number of places; -1 where there is no room or no reading.
static int
collect(const struct dyn *d, uintptr_t from, uintptr_t to)
{
    uintptr_t piece[PIECE];
    int n = 0;

    while (from < to) {
        size_t size = to - from < sizeof piece ? to - from : sizeof piece;
        struct iovec mine = {piece, size}, there = {(void *)from, size};
        ssize_t got = process_vm_readv(getpid(), &mine, 1, &there, 1, 0);

        if (got < (ssize_t)sizeof *piece)
            return -1;
        for (size_t i = 0; i < (size_t)got / sizeof *piece; i++) {
            if (!in_a_chunk(d, piece[i]))
                continue;
            if (n == MOST)
                return -1;
            place[n++] = piece[i];
        }
        from += (size_t)got / sizeof *piece * sizeof *piece;
    }
    return n;
}

static int
by_address(const void *a, const void *b)
{
    const uintptr_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

// How many of the n places are below this address.
static int
below(int n, uintptr_t address)
{
    int low = 0, high = n;

    while (low < high) {
        int middle = (low + high) / 2;

        if (place[middle] < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void
inuse_after_fork(struct dyn *d, const struct cpu *self)
{
    const char *here = __builtin_frame_address(0);
    int n = 0;

    if (self) {
        if (here < self->stack_low || here >= self->stack_top)
            return;
        n = collect(d, (uintptr_t)here & ~(uintptr_t)7,
                    (uintptr_t)self->stack_top & ~(uintptr_t)7);
        if (n < 0)
            return;
        qsort(place, (size_t)n, sizeof *place, by_address);
    }
    for (uint32_t i = 0; i < d->chunks; i++)
        for (int k = 0; k < CHUNK_SLOTS; k++) {
            struct block *b = &d->chunk[i].block[k];
            uintptr_t code = (uintptr_t)b->code;
            uint32_t was = atomic_load(&b->in_used), is;

            if (was == 0)
                continue;
            is = (uint32_t)(below(n, code + b->size) - below(n, code + 1));
            if (is < was)
                atomic_store(&b->in_used, is);
        }
}
