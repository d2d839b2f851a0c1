// SPDX-License-Identifier: MIT
// novelty.h -- what is new: coverage maps, and hit counts of edges in buckets.
// Implemented by novelty.c, used by assert.c, edges.c, child.c and report.c.
// Book: chapter 9.
//
// A timeline notes what it sees in its own map.  Whoever reaps it merges that
// map into the explored map, and every bit that was not there yet counts as
// yield: of this timeline, and of all its ancestors.  Two processes may merge
// at once: a bit is new to exactly one of them.
#ifndef SPLIT_NOVELTY_H
#define SPLIT_NOVELTY_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define NOVEL_BITS 65536
#define NOVEL_WORDS (NOVEL_BITS / 64)
#define NOVEL_STRIPE (NOVEL_WORDS / 64)     // words per bit of `dirty`

// `dirty` says which stripes have bits, so that clearing and merging a map
// costs what was noted in it, not its size.  The words lie elsewhere, so that a
// map in which nothing was noted touches no page of them.  At every instant, a
// word with bits has its stripe set: a process may be killed between any two.
struct novel_map {
    _Atomic uint64_t dirty;
    _Atomic uint64_t *word;         // NOVEL_WORDS
};

// What one timeline covered, or all of them together.
struct coverage {
    struct novel_map *map;          // of assertions
    unsigned char *edges;           // buckets of hit counts; see below
    size_t n_edges;                 // 0: the program is not instrumented
};

// Nobody merges a map while it is cleared, so this may go in any order.
void novel_clear(struct novel_map *m);
// Notes bit number `hash` modulo NOVEL_BITS.  Word 0 has bits 0 to 63, the
// lowest first; bit n of `dirty` is for the words from n * NOVEL_STRIPE on, as
// many as NOVEL_STRIPE says.
void novel_note(struct novel_map *m, uint64_t hash);
// Merges `from` into `explored`; returns how many bits were new to it.
uint64_t novel_merge(struct novel_map *explored, const struct novel_map *from);
uint64_t novel_count(const struct novel_map *m);    // its bits

// The bucket of a hit count: 0, 1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128-255
// become 0, 1, 2, 4, 8, 16, 32, 64, 128.
unsigned char novel_bucket(unsigned char hits);
// Adds the buckets of n counts to those that `to` has: ors them in.
void novel_classify(unsigned char *to, const unsigned char *hits, size_t n);
// Like novel_merge(), for n edges: returns how many buckets were new.  Both
// must be aligned to 8, and padded with zeros to a multiple of 8.
uint64_t novel_merge_edges(unsigned char *explored, const unsigned char *from,
                           size_t n);
// How many edges have been passed, however many buckets each of them has.
uint64_t novel_count_edges(const unsigned char *edges, size_t n);

// Before a timeline's children start: merges what it covered so far, for that
// is no news in its children, and credits `yield`, its own, with what of it
// was new.
void novel_publish(const struct coverage *explored, const struct coverage *own,
                   _Atomic uint64_t *yield);
// After its end: merges what it covered since.  Its `yield` is then all that it
// and its descendants brought; credits that to `parent` (NULL: a root), too,
// and returns it.
uint64_t novel_settle(const struct coverage *explored,
                      const struct coverage *own, _Atomic uint64_t *yield,
                      _Atomic uint64_t *parent);

// Spreads a hash over all 64 bits; `variant` tells states of one mark apart.
uint64_t novel_hash(uint64_t base, uint64_t variant);

#endif
