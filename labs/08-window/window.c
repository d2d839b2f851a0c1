// SPDX-License-Identifier: MIT
// window.c -- the sliding window: many timelines at once, one bound for all.
// Called from split.c; children by child.c, slots by slot.c; what is put off
// here is run by the warden (run.c).  Book: chapter 8.
//
// As it stands it puts off every split: the warden runs all children, one at a
// time, each from the start of the simulation.  That loses nothing and is
// never more than one timeline at once.  You do better.

#include "window.h"

#include <linux/futex.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "child.h"

// The children of one split that are alive, in the order of their indices.
// kid[0] has the turn, or is the next to get it.
struct window {
    struct point *p;
    struct slot **kid;
    int n;
    unsigned left;               // of this batch, not forked
};

// ---- the turn --------------------------------------------------------------

// A timeline may run ahead of those before it, but it sleeps here until its
// slot's has_turn is set.  A root always has it; a replay has no slot.
void
window_wait_turn(void)
{
}

// ---- the bound -------------------------------------------------------------

// Leaves the rest of the split to the warden: what is left of this batch, and
// the batches after it.
static void
put_off(struct world *w, const struct window *win)
{
    struct point *later = world_alloc(w, sizeof(*later)), *first;

    if (!later)
        timeline_end(SPLIT_STOPPED, 0, NULL);
    *later = *win->p;
    later->left = win->left;
    later->parent_node = self.slot->node;
    later->path = slot_path(w, self.slot, 0, &later->path_len);
    if (!later->path)
        timeline_end(SPLIT_STOPPED, 0, NULL);
    first = atomic_load(&w->put_off);
    do
        atomic_store(&later->next, first);
    while (!atomic_compare_exchange_weak(&w->put_off, &first, later));
}

// ---- the loop --------------------------------------------------------------

// Returns in this timeline when the children of `p` are done or put off, and
// once in each child.
void
window_split(struct point *p)
{
    struct world *w = self.world;
    struct slot *kid[w->n_slots];
    struct window win = {.p = p, .kid = kid};

    win.left = energy_batch(&w->energy, &p->mark->energy, &w->config,
                            w->is_warm, &p->spent);
    if (win.left > 0)
        put_off(w, &win);

    // Instead, for each batch and as long as something is left of it:
    //  1. fork children, each into a slot_take() of its own, while there are
    //     slots: child_prepare(), child_fork();
    //  2. give the first of them the turn: energy_take(), child_count(),
    //     has_turn; it may sleep in window_wait_turn();
    //  3. wait for that one, by child_wait() or child_wait_or(); its yield
    //     goes into p->spent.fresh;
    //  4. go on at 1, until energy_batch() has no further batch.
    // Then: what if no slot is free for the first?  If there is no energy?  If
    // the fork fails?  If enough is found?
}

// ---- what was put off: for the warden, and complete as it is ---------------

void
window_collect(struct world *w, struct point **pending)
{
    struct point *p = atomic_exchange(&w->put_off, NULL), *oldest = NULL;

    while (p) {
        struct point *next = atomic_load(&p->next);

        atomic_store(&p->next, oldest);
        oldest = p;
        p = next;
    }
    if (!*pending) {
        *pending = oldest;
        return;
    }
    for (p = *pending; atomic_load(&p->next); p = atomic_load(&p->next))
        ;
    atomic_store(&p->next, oldest);
}
