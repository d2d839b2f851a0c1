// SPDX-License-Identifier: MIT
// node.c -- the tree of timelines, remembered if keep_tree says so.
// Called from child.c; read by tree.c.  Book: chapter 7.

#include "world.h"

struct node *
node_get(const struct world *w, uint64_t number)
{
    struct node *block;

    if (!w->config.keep_tree || number / NODES_PER_BLOCK >= NODE_BLOCKS)
        return NULL;
    block = atomic_load(&w->nodes[number / NODES_PER_BLOCK]);
    return block ? &block[number % NODES_PER_BLOCK] : NULL;
}

uint64_t
node_new(struct world *w, uint64_t parent, struct split_step step,
         const struct mark *mark, unsigned depth)
{
    uint64_t number = atomic_fetch_add(&w->timelines, 1);
    size_t block = number / NODES_PER_BLOCK;
    struct node *none = NULL, *fresh, *n;

    if (!w->config.keep_tree || block >= NODE_BLOCKS)
        return number;
    if (!atomic_load(&w->nodes[block])) {
        // Two may come here at once; the loser's block is wasted, not harmful.
        if (!(fresh = world_alloc(w, NODES_PER_BLOCK * sizeof(*fresh))))
            return number;
        atomic_compare_exchange_strong(&w->nodes[block], &none, fresh);
    }
    n = node_get(w, number);
    n->parent = mark ? parent : number;
    n->step = step;
    n->mark = mark;
    n->depth = depth;
    n->death = -1;
    return number;
}

// Only timelines that have the turn count, one at a time: nobody else made a
// newer one meanwhile.
void
node_undo(struct world *w)
{
    atomic_fetch_sub(&w->timelines, 1);
}

void
node_end(struct world *w, const struct slot *s, enum split_death death,
         int code)
{
    struct node *n = node_get(w, s->node);

    if (!n)
        return;
    atomic_store(&n->yield, atomic_load(&s->yield));
    atomic_store(&n->code, code);
    atomic_store(&n->death, (int)death);
}
