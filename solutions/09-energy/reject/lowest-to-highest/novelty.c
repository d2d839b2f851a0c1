// SPDX-License-Identifier: MIT
// novelty.c -- a wrong answer to lab 9: merges all words from the
// first stripe with bits to the last.

#include "novelty.h"

#include <string.h>

void
novel_clear(struct novel_map *m)
{
    uint64_t dirty = atomic_load_explicit(&m->dirty, memory_order_relaxed);

    if (dirty)
        dirty = atomic_exchange(&m->dirty, 0);
    for (; dirty; dirty &= dirty - 1) {
        unsigned first = (unsigned)__builtin_ctzll(dirty) * NOVEL_STRIPE;

        for (unsigned i = first; i < first + NOVEL_STRIPE; i++)
            atomic_store_explicit(&m->word[i], 0, memory_order_relaxed);
    }
}

void
novel_note(struct novel_map *m, uint64_t hash)
{
    unsigned bit = hash % NOVEL_BITS, word = bit / 64;
    uint64_t stripe = UINT64_C(1) << (word / NOVEL_STRIPE);

    // The stripe first: a map that is merged half-way misses no noted bit.
    if (!(atomic_load_explicit(&m->dirty, memory_order_relaxed) & stripe))
        atomic_fetch_or(&m->dirty, stripe);
    if (!(atomic_load_explicit(&m->word[word], memory_order_relaxed) &
          UINT64_C(1) << bit % 64))
        atomic_fetch_or(&m->word[word], UINT64_C(1) << bit % 64);
}

// Adds `bits` to `to`; returns how many of them were not there yet.
static unsigned
merge_word(_Atomic uint64_t *to, uint64_t bits)
{
    if (!(bits & ~atomic_load_explicit(to, memory_order_relaxed)))
        return 0;
    return (unsigned)__builtin_popcountll(bits & ~atomic_fetch_or(to, bits));
}

uint64_t
novel_merge(struct novel_map *explored, const struct novel_map *from)
{
    uint64_t dirty = atomic_load(&from->dirty), fresh = 0;

    if (dirty)
        atomic_fetch_or(&explored->dirty, dirty);
    if (dirty) {
        unsigned first = (unsigned)__builtin_ctzll(dirty) * NOVEL_STRIPE;
        unsigned end = (64 - (unsigned)__builtin_clzll(dirty)) * NOVEL_STRIPE;

        for (unsigned i = first; i < end; i++)
            fresh += merge_word(&explored->word[i],
                                atomic_load_explicit(&from->word[i],
                                                     memory_order_relaxed));
    }
    return fresh;
}

uint64_t
novel_count(const struct novel_map *m)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < NOVEL_WORDS; i++)
        n += (unsigned)__builtin_popcountll(atomic_load(&m->word[i]));
    return n;
}

unsigned char
novel_bucket(unsigned char hits)
{
    if (hits <= 2)
        return hits;
    return hits == 3 ? 4
         : hits < 8 ? 8
         : hits < 16 ? 16
         : hits < 32 ? 32
         : hits < 128 ? 64 : 128;
}

void
novel_classify(unsigned char *to, const unsigned char *hits, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (hits[i])
            to[i] |= novel_bucket(hits[i]);
}

// Eight edges at a time: a bucket is one bit, so or-ing words merges them.
uint64_t
novel_merge_edges(unsigned char *explored, const unsigned char *from, size_t n)
{
    _Atomic uint64_t *to = (_Atomic uint64_t *)(void *)explored;
    uint64_t fresh = 0, bits;

    for (size_t i = 0; i < (n + 7) / 8; i++) {
        memcpy(&bits, from + 8 * i, sizeof(bits));
        if (bits)
            fresh += merge_word(&to[i], bits);
    }
    return fresh;
}

uint64_t
novel_count_edges(const unsigned char *edges, size_t n)
{
    uint64_t seen = 0;

    for (size_t i = 0; i < n; i++)
        seen += edges[i] != 0;
    return seen;
}

static uint64_t
merge_both(const struct coverage *explored, const struct coverage *own)
{
    uint64_t fresh = novel_merge(explored->map, own->map);

    if (own->n_edges)
        fresh += novel_merge_edges(explored->edges, own->edges, own->n_edges);
    return fresh;
}

void
novel_publish(const struct coverage *explored, const struct coverage *own,
              _Atomic uint64_t *yield)
{
    uint64_t fresh = merge_both(explored, own);

    if (fresh)
        atomic_fetch_add(yield, fresh);
}

uint64_t
novel_settle(const struct coverage *explored, const struct coverage *own,
             _Atomic uint64_t *yield, _Atomic uint64_t *parent)
{
    uint64_t fresh = merge_both(explored, own), all = atomic_load(yield);

    all += fresh;
    atomic_store_explicit(yield, all, memory_order_relaxed);
    if (parent && all)
        atomic_fetch_add(parent, all);
    return all;
}

uint64_t
novel_hash(uint64_t base, uint64_t variant)
{
    uint64_t h = base ^ (variant + 1) * UINT64_C(0x9e3779b97f4a7c15);

    h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
    h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return h ^ h >> 32;
}
