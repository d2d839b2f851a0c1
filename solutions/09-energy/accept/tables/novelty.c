// SPDX-License-Identifier: MIT
// novelty.c -- a right answer to lab 9: buckets from a table of 256, edges byte
// by byte, and new bits counted by who wins a compare-and-exchange.

#include <stdbool.h>
#include "novelty.h"

static unsigned char bucket[256];

// Once in each program, before main(): processes that fork later inherit it.
__attribute__((constructor)) static void
fill_buckets(void)
{
    static const unsigned first[] = {1, 2, 3, 4, 8, 16, 32, 128, 256};

    for (unsigned b = 0; b < 8; b++)
        for (unsigned hits = first[b]; hits < first[b + 1]; hits++)
            bucket[hits] = (unsigned char)(1u << b);
}

static bool
has_stripe(uint64_t dirty, unsigned stripe)
{
    return dirty >> stripe & 1;
}

void
novel_clear(struct novel_map *m)
{
    uint64_t dirty = atomic_load(&m->dirty);

    for (unsigned word = 0; word < NOVEL_WORDS; word++)
        if (has_stripe(dirty, word / NOVEL_STRIPE))
            atomic_store(&m->word[word], 0);
    atomic_store(&m->dirty, 0);
}

void
novel_note(struct novel_map *m, uint64_t hash)
{
    unsigned bit = hash & (NOVEL_BITS - 1);

    m->dirty |= UINT64_C(1) << (bit >> 6) / NOVEL_STRIPE;
    m->word[bit >> 6] |= UINT64_C(1) << (bit & 63);
}

// Adds `bits`; those that this very call has set are its own, and counted.
static unsigned
win(_Atomic uint64_t *to, uint64_t bits)
{
    uint64_t was = atomic_load(to), mine;

    do {
        mine = bits & ~was;
        if (mine == 0)
            return 0;
    } while (!atomic_compare_exchange_weak(to, &was, was | mine));
    return (unsigned)__builtin_popcountll(mine);
}

uint64_t
novel_merge(struct novel_map *explored, const struct novel_map *from)
{
    uint64_t dirty = atomic_load(&from->dirty), fresh = 0;

    atomic_fetch_or(&explored->dirty, dirty);
    for (unsigned stripe = 0; stripe < 64; stripe++)
        for (unsigned i = 0; has_stripe(dirty, stripe) && i < NOVEL_STRIPE; i++)
            fresh += win(&explored->word[stripe * NOVEL_STRIPE + i],
                         atomic_load(&from->word[stripe * NOVEL_STRIPE + i]));
    return fresh;
}

uint64_t
novel_count(const struct novel_map *m)
{
    uint64_t n = 0;

    for (unsigned bit = 0; bit < NOVEL_BITS; bit++)
        n += m->word[bit / 64] >> bit % 64 & 1;
    return n;
}

unsigned char
novel_bucket(unsigned char hits)
{
    return bucket[hits];
}

void
novel_classify(unsigned char *to, const unsigned char *hits, size_t n)
{
    while (n-- > 0)
        *to++ |= bucket[*hits++];
}

uint64_t
novel_merge_edges(unsigned char *explored, const unsigned char *from, size_t n)
{
    _Atomic unsigned char *to = (_Atomic unsigned char *)explored;
    uint64_t fresh = 0;

    for (size_t i = 0; i < n; i++)
        if (from[i])
            fresh += (unsigned)__builtin_popcount(
                from[i] & ~atomic_fetch_or(&to[i], from[i]) & 0xff);
    return fresh;
}

uint64_t
novel_count_edges(const unsigned char *edges, size_t n)
{
    uint64_t seen = 0;

    while (n-- > 0)
        if (*edges++)
            seen++;
    return seen;
}

void
novel_publish(const struct coverage *explored, const struct coverage *own,
              _Atomic uint64_t *yield)
{
    *yield += novel_merge(explored->map, own->map);
    *yield += novel_merge_edges(explored->edges, own->edges, own->n_edges);
}

// The same once more, and the sum is the parent's, too.
uint64_t
novel_settle(const struct coverage *explored, const struct coverage *own,
             _Atomic uint64_t *yield, _Atomic uint64_t *parent)
{
    novel_publish(explored, own, yield);
    if (parent)
        *parent += *yield;
    return *yield;
}

// As it came.
uint64_t
novel_hash(uint64_t base, uint64_t variant)
{
    uint64_t h = base ^ (variant + 1) * UINT64_C(0x9e3779b97f4a7c15);

    h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
    h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return h ^ h >> 32;
}
