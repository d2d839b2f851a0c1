// SPDX-License-Identifier: MIT
// novelty.c -- coverage maps and the merge that counts what nobody had.  Yours
// to write.  Called from assert.c, edges.c and child.c; the contract is
// novelty.h.  Book: chapter 9.
//
// As it is, bits are noted and merged, in a way that is good for one process,
// and nothing is ever new.

#include "novelty.h"

#include <string.h>

void
novel_clear(struct novel_map *m)
{
    memset((void *)m->word, 0, NOVEL_WORDS * sizeof(uint64_t));
}

void
novel_note(struct novel_map *m, uint64_t hash)
{
    unsigned bit = hash % NOVEL_BITS;

    m->word[bit / 64] = m->word[bit / 64] | UINT64_C(1) << bit % 64;
}

uint64_t
novel_merge(struct novel_map *explored, const struct novel_map *from)
{
    for (unsigned i = 0; i < NOVEL_WORDS; i++)
        explored->word[i] = explored->word[i] | from->word[i];
    return 0;
}

uint64_t
novel_count(const struct novel_map *m)
{
    (void)m;
    return 0;
}

unsigned char
novel_bucket(unsigned char hits)
{
    return hits;
}

void
novel_classify(unsigned char *to, const unsigned char *hits, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] |= novel_bucket(hits[i]);
}

uint64_t
novel_merge_edges(unsigned char *explored, const unsigned char *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        explored[i] |= from[i];
    return 0;
}

uint64_t
novel_count_edges(const unsigned char *edges, size_t n)
{
    (void)edges, (void)n;
    return 0;
}

void
novel_publish(const struct coverage *explored, const struct coverage *own,
              _Atomic uint64_t *yield)
{
    (void)yield;
    novel_merge(explored->map, own->map);
}

uint64_t
novel_settle(const struct coverage *explored, const struct coverage *own,
             _Atomic uint64_t *yield, _Atomic uint64_t *parent)
{
    (void)yield, (void)parent;
    novel_merge(explored->map, own->map);
    return 0;
}

// Spreads a hash over all 64 bits.  Complete.
uint64_t
novel_hash(uint64_t base, uint64_t variant)
{
    uint64_t h = base ^ (variant + 1) * UINT64_C(0x9e3779b97f4a7c15);

    h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
    h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return h ^ h >> 32;
}
