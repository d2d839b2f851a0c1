// SPDX-License-Identifier: MIT
// cache.c -- the code cache: chunks of slots, which block is where, the purge.
// translate.c fills the slots; dyn.c asks for them.  Book: chapter 6.
//
// A thread is on its way into a block between the moment when it found it in
// the table and the moment when it has counted itself in; and out of one while
// it has counted itself out and the next instruction is the block's still.
// For these moments it names the block in cpu->entering, cpu->leaving:
//
//     a thread                          the purge
//     entering = block                  table[pc] = NULL
//     table[pc] is the block still?     is it anybody's `entering`?
//     in_used += 1, entering = NULL     is in_used not 0?
//     ...                               is it anybody's `leaving`?
//     leaving = block, in_used -= 1     no, no and no: free it
//     jump away, leaving = NULL
//
// In this order, a thread and the purge cannot miss each other.
#include "dyn.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define POISON 0xcc    // int3: who runs freed code is told at once

static void *
map(size_t size, int prot)
{
    void *p = mmap(NULL, size, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

int
cache_grow(struct dyn *d)
{
    struct chunk *c = &d->chunk[d->chunks];

    if (d->chunks >= d->limits.chunks)
        return -ENOMEM;
    c->code = map(CHUNK_SLOTS * SLOT_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC);
    if (!c->code)
        return -ENOMEM;
    c->block = map(CHUNK_SLOTS * sizeof *c->block, PROT_READ | PROT_WRITE);
    if (!c->block) {
        munmap(c->code, CHUNK_SLOTS * SLOT_SIZE);
        return -ENOMEM;
    }
    memset(c->code, POISON, CHUNK_SLOTS * SLOT_SIZE);
    for (int i = 0; i < CHUNK_SLOTS; i++)
        c->block[i].code = c->code + i * SLOT_SIZE;
    d->chunks++;
    d->stats.grown++;
    return 0;
}

void
cache_unmap(struct dyn *d)
{
    for (uint32_t i = 0; i < d->chunks; i++) {
        munmap(d->chunk[i].code, CHUNK_SLOTS * SLOT_SIZE);
        munmap(d->chunk[i].block, CHUNK_SLOTS * sizeof(struct block));
    }
}

struct block *
cache_slot(struct dyn *d)
{
    for (uint32_t i = 0; i < d->chunks; i++)
        for (int k = 0; k < CHUNK_SLOTS; k++)
            if (!d->chunk[i].block[k].live)
                return &d->chunk[i].block[k];
    return NULL;
}

void
cache_publish(struct dyn *d, struct block *b)
{
    atomic_store(&b->tick, atomic_load(&d->tick));
    b->live = true;
    atomic_store(&d->table[b->pc], b);
}

static bool
anybody_entering(const struct dyn *d, const struct block *b)
{
    for (const struct cpu *c = d->cpus; c; c = c->next)
        if (__atomic_load_n(&c->entering, __ATOMIC_SEQ_CST) == b)
            return true;
    return false;
}

static bool
anybody_leaving(const struct dyn *d, const struct block *b)
{
    for (const struct cpu *c = d->cpus; c; c = c->next)
        if (__atomic_load_n(&c->leaving, __ATOMIC_SEQ_CST) == b)
            return true;
    return false;
}

// Free one block if nobody holds it, is about to, or just did.
static bool
purge_block(struct dyn *d, struct block *b)
{
    atomic_store(&d->table[b->pc], NULL);
    if (anybody_entering(d, b) || atomic_load(&b->in_used) != 0 ||
        anybody_leaving(d, b)) {
        atomic_store(&d->table[b->pc], b);
        return false;
    }
    b->live = false;
    memset(b->code, POISON, b->size);
    return true;
}

uint32_t
cache_purge(struct dyn *d)
{
    uint32_t now = atomic_load(&d->tick), freed = 0;

    d->stats.purges++;
    for (uint32_t i = 0; i < d->chunks; i++)
        for (int k = 0; k < CHUNK_SLOTS; k++) {
            struct block *b = &d->chunk[i].block[k];

            if (!b->live || atomic_load(&b->in_used) != 0 ||
                now - atomic_load(&b->tick) < d->limits.purge_age)
                continue;
            freed += purge_block(d, b);
        }
    d->stats.purged += freed;
    return freed;
}

struct block *
block_at(const struct chunk *c, uintptr_t address)
{
    uintptr_t offset = address - (uintptr_t)c->code;
    struct block *b;

    if (offset >= CHUNK_SLOTS * SLOT_SIZE)
        return NULL;
    b = &c->block[offset / SLOT_SIZE];
    offset %= SLOT_SIZE;
    return b->live && offset > 0 && offset < b->size ? b : NULL;
}
