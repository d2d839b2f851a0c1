// SPDX-License-Identifier: MIT
// window.c -- a right answer by another method: the window is a ring, and who
// needs a slot asks the outermost split for all that runs ahead there.  That
// split then goes on alone until the needy one is done: one eviction, not many.

#include "window.h"

#include <linux/futex.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "child.h"

struct ring {
    struct point *p;
    struct slot **slot;
    int size;                // a split cannot have more children at once
    int head, n;
    unsigned left;
    bool is_alone;           // gave all up for the first
};

static struct slot **
at(struct ring *r, int i)
{
    return &r->slot[(r->head + i) % r->size];
}

void
window_wait_turn(void)
{
    struct slot *s = self.slot;

    if (!s || self.mode == MODE_REPLAY ||
        atomic_load_explicit(&s->has_turn, memory_order_relaxed))
        return;
    child_begin_waiting(SLOT_WAITS_TURN);
    while (!atomic_load(&s->has_turn))
        syscall(SYS_futex, &s->has_turn, FUTEX_WAIT, 0, NULL, NULL, 0);
    child_end_waiting();
}

// The split whose children are to give way: the parent of the least deep one.
static struct slot *
outermost(struct world *w)
{
    struct slot *best = NULL;

    for (int i = 0; i < w->n_slots; i++) {
        struct slot *s = &w->slots[i];

        if (s->parent && !atomic_load(&s->has_turn) &&
            atomic_load(&s->state) >= SLOT_RUNNING &&
            (!best || s->depth < best->depth))
            best = s;
    }
    return best ? best->parent : NULL;
}

static bool
ask_for_room(struct world *w)
{
    struct slot *parent = outermost(w);

    if (!parent)
        return false;
    for (int i = 0; i < w->n_slots; i++) {
        struct slot *s = &w->slots[i];

        if (s->parent == parent && !atomic_load(&s->has_turn) &&
            atomic_load(&s->state) >= SLOT_RUNNING)
            atomic_store(&s->is_evicted, true);
    }
    eventfd_write(self.evict_fd, 1);
    return true;
}

static void
shrink_to(struct ring *r, int n)
{
    while (r->n > n) {
        child_discard(*at(r, --r->n));
        r->left++;
    }
}

static void
give_way(struct ring *r)
{
    uint32_t seen = atomic_load(&self.world->slot_freed);
    eventfd_t value;

    for (int i = 1; i < r->n; i++)
        if (atomic_load(&(*at(r, i))->is_evicted)) {
            shrink_to(r, 1);
            r->is_alone = true;
        }
    if (slot_any_leaving(self.world)) {
        slot_sleep(self.world, seen);
        return;
    }
    eventfd_read(self.evict_fd, &value);
    // That may have been the event of somebody who was chosen in between.
    if (slot_any_leaving(self.world))
        eventfd_write(self.evict_fd, 1);
}

// Leaves the rest of the split to the warden: what is left of this batch, and
// the batches after it.
static void
put_off(struct world *w, const struct ring *r)
{
    struct point *later = world_alloc(w, sizeof(*later)), *first;

    if (!later)
        timeline_end(SPLIT_STOPPED, 0, NULL);
    *later = *r->p;
    later->left = r->left;
    later->parent_node = self.slot->node;
    later->path = slot_path(w, self.slot, 0, &later->path_len);
    if (!later->path)
        timeline_end(SPLIT_STOPPED, 0, NULL);
    first = atomic_load(&w->put_off);
    do
        atomic_store(&later->next, first);
    while (!atomic_compare_exchange_weak(&w->put_off, &first, later));
}

enum started { IN_CHILD, STARTED, NO_FORK, NO_SLOT };

static enum started
start(struct ring *r, unsigned tries, bool is_needed)
{
    struct world *w = self.world;
    struct slot *s;
    int forked;

    for (;;) {
        uint32_t seen = atomic_load(&w->slot_freed);

        if ((s = slot_take(w)))
            break;
        if (!is_needed || (!slot_any_leaving(w) && !ask_for_room(w)))
            return NO_SLOT;
        slot_sleep(w, seen);
    }
    child_prepare(r->p, s, r->p->spent.spawned + (unsigned)r->n);
    forked = child_fork(s, tries);
    if (forked <= 0)
        return forked == 0 ? IN_CHILD : NO_FORK;
    r->slot[(r->head + r->n++) % r->size] = s;
    r->left--;
    return STARTED;
}

// The first gets the turn and is waited for.  False: no energy.
static bool
run_first(struct ring *r)
{
    struct world *w = self.world;
    struct slot *s = *at(r, 0);
    uint64_t yield = 0;
    int fd;

    if (energy_take(&w->energy, &r->p->mark->energy) == ENERGY_NONE)
        return false;
    child_count(r->p, s);
    atomic_store(&s->has_turn, 1);
    syscall(SYS_futex, &s->has_turn, FUTEX_WAKE, 1, NULL, NULL, 0);
    fd = child_watch(s);
    while (!child_wait_or(s, fd, r->n > 1 ? self.evict_fd : -1, -1, &yield))
        if (r->n > 1)
            give_way(r);
    if (fd >= 0)
        close(fd);
    r->p->spent.fresh += yield;
    r->head = (r->head + 1) % r->size;
    r->n--;
    return true;
}

static bool
run_batch(struct ring *r)
{
    struct world *w = self.world;

    while (r->left > 0 || r->n > 0) {
        enum started how = STARTED;

        if (r->n == 0)
            how = start(r, w->config.fork_tries, true);
        if (how == NO_SLOT)
            put_off(w, r);
        if (how == NO_SLOT || how == IN_CHILD)
            return false;
        if (how == NO_FORK) {
            r->p->spent.is_starved = true;
            return true;
        }
        while (!r->is_alone && r->left > 0 && how == STARTED)
            how = start(r, 0, false);
        if (how == IN_CHILD)
            return false;
        r->is_alone = false;
        if (!run_first(r)) {
            r->p->spent.is_starved = true;
            shrink_to(r, 0);
            return true;
        }
        if (atomic_load(&w->is_stopped)) {
            shrink_to(r, 0);
            timeline_end(SPLIT_STOPPED, 0, NULL);
        }
    }
    return true;
}

void
window_split(struct point *p)
{
    struct world *w = self.world;
    struct slot *slots[w->n_slots];
    struct ring r = {.p = p, .slot = slots, .size = w->n_slots};

    do
        r.left = energy_batch(&w->energy, &p->mark->energy, &w->config,
                              w->is_warm, &p->spent);
    while (r.left > 0 && run_batch(&r));
}

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
