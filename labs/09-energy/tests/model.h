// SPDX-License-Identifier: MIT
// model.h -- what energy.c and novelty.c have to do, said a second time: no
// atomics, no stripes, no forks.  Used by judge.c.  Book: chapter 9.
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include "talk.h"

enum { MODEL_BITS = 65536, MODEL_MARKS = 64 };

// ---- energy ----------------------------------------------------------------

struct m_energy {
    bool is_adaptive;
    int64_t global, pool, per_mark;
    int64_t left[MODEL_MARKS];
    bool is_given[MODEL_MARKS];
};
// As enum energy_level.
enum { M_NONE, M_GLOBAL, M_MARK, M_POOL };

void m_reset(struct m_energy *e, const struct order *o);
int m_take(struct m_energy *e, unsigned mark);
void m_refund(struct m_energy *e, unsigned mark, int level);
void m_barren(struct m_energy *e, unsigned mark);
// *fresh is 0 afterwards where a new batch begins.
unsigned m_batch(struct m_energy *e, unsigned mark, const struct order *o,
                 bool is_warm, unsigned spawned, bool is_starved,
                 uint64_t *fresh);

// ---- coverage --------------------------------------------------------------

struct m_view {
    uint64_t word[MODEL_BITS / 64];
    unsigned char edge[MOST_MODULES * MOST_EDGES];
    uint64_t yield;
};

unsigned char m_bucket(unsigned hits);
void m_set(struct m_view *v, uint64_t bit);
void m_classify(struct m_view *v, const unsigned char *hits, uint32_t n);
uint64_t m_merge_map(struct m_view *to, const struct m_view *from);
uint64_t m_merge_edges(struct m_view *to, const struct m_view *from,
                       uint32_t n);
uint64_t m_bits(const struct m_view *v);
uint64_t m_edge_bits(const struct m_view *v, uint32_t n);
uint64_t m_digest(const struct m_view *v, uint32_t n);
uint64_t m_stripes(const struct m_view *v);

// ---- a whole exploration ---------------------------------------------------

// Calls see(kind, mark, n, numbers) for everything that the subject has to
// tell, in that order.
typedef void m_see(void *arg, int kind, const char *mark, int n,
                   const int64_t *number);
void m_explore(const struct order *o, m_see *see, void *arg);
// How many timelines, and how deep, so that a judge can choose.
struct m_size {
    unsigned timelines, events, depth, barren, by_pool;
    // One timeline changes the pool, and the next to use it is no descendant:
    // only by way of what all share can it know.
    bool crosses;
    bool is_left;                // a seed, not the last, leaves something there
};
struct m_size m_measure(const struct order *o);

#endif
