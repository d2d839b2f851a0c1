// SPDX-License-Identifier: MIT
// window.c -- a wrong answer to lab 8: never closes what child_watch() opens,
// so that a long exploration runs out of descriptors.

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
    int ahead;                   // children that may run ahead of the first
    enum energy_level paid;      // by kid[0]; ENERGY_NONE: no turn yet
};

// ---- the turn --------------------------------------------------------------

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

// Gives kid[0] the turn, if there is energy for it.
static bool
give_turn(struct window *win)
{
    struct world *w = self.world;
    struct point *p = win->p;
    struct slot *s = win->kid[0];

    win->paid = energy_take(&w->energy, &p->mark->energy);
    if (win->paid == ENERGY_NONE)
        return false;
    child_count(p, s);
    atomic_store(&s->has_turn, 1);
    if (atomic_load(&s->state) == SLOT_WAITS_TURN)
        syscall(SYS_futex, &s->has_turn, FUTEX_WAKE, 1, NULL, NULL, 0);
    return true;
}

// ---- the bound -------------------------------------------------------------

// Kills the last child as if it had never been; its index is to be run again.
static void
drop_last(struct window *win)
{
    struct slot *s = win->kid[--win->n];

    child_discard(s);
    win->left++;
}

static void
drop_all(struct window *win)
{
    while (win->n > 0)
        drop_last(win);
}

// The youngest child that runs ahead in the outermost split that has any.
static struct slot *
choose_victim(struct world *w)
{
    struct slot *best = NULL;

    for (int i = 0; i < w->n_slots; i++) {
        struct slot *s = &w->slots[i];

        if (atomic_load(&s->state) < SLOT_RUNNING || !s->parent ||
            atomic_load(&s->has_turn))
            continue;
        if (!best || s->depth < best->depth ||
            (s->depth == best->depth && s->child_index > best->child_index))
            best = s;
    }
    return best;
}

// Asks an ancestor for the slot of a child of its own.  False: there is none.
static bool
evict(struct world *w)
{
    struct slot *s = choose_victim(w);

    if (!s)
        return false;
    atomic_store(&s->is_evicted, true);
    eventfd_write(self.evict_fd, 1);
    return true;
}

// Whether children that run ahead of a split at this depth were evicted lately.
// Then the next split there starts with its first child alone: an eviction
// costs a fork.  It is a guess about speed; results do not depend on it.
static _Atomic bool *
crowded(const struct point *p)
{
    unsigned most = CROWD_DEPTHS - 1;

    return &self.world->is_crowded[p->depth < most ? p->depth : most];
}

// An ancestor's side: drops the children that were chosen.  All ancestors wake;
// those that do not own the chosen one sleep until its slot is free, or they
// would find the event there again and again, and keep the owner from running.
static void
obey_evictions(struct window *win)
{
    struct world *w = self.world;
    uint32_t seen = atomic_load(&w->slot_freed);
    eventfd_t value;

    // The first has the turn, so it is never among them.
    while (win->n > 1 && atomic_load(&win->kid[win->n - 1]->is_evicted)) {
        drop_last(win);
        win->ahead = 0;
        atomic_store(crowded(win->p), true);
    }
    if (slot_any_leaving(w)) {
        slot_sleep(w, seen);
        return;
    }
    eventfd_read(self.evict_fd, &value);
    // That may have been the event of somebody who was chosen in between.
    if (slot_any_leaving(w))
        eventfd_write(self.evict_fd, 1);
}

// A slot for the child that is to have the turn; NULL: all slots are those of
// this timeline and its ancestors.
static struct slot *
slot_for_first(struct world *w)
{
    struct slot *s;

    for (;;) {
        uint32_t seen = atomic_load(&w->slot_freed);

        if ((s = slot_take(w)) || (!slot_any_leaving(w) && !evict(w)))
            return s;
        slot_sleep(w, seen);
    }
}

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

enum batch_end { BATCH_DONE, BATCH_IN_CHILD, BATCH_PUT_OFF };

// Forks one more child into `s`: 0 in it, 1 in the parent, -errno.
static int
add(struct window *win, struct slot *s, unsigned tries)
{
    int r;

    child_prepare(win->p, s, win->p->spent.spawned + (unsigned)win->n);
    r = child_fork(s, tries);
    if (r > 0) {
        win->kid[win->n++] = s;
        win->left--;
    }
    return r;
}

// As many children as there are slots; the first one at any price.  Fewer after
// an eviction, which costs a fork: then children that split need the slots, and
// the window grows again only with those that do not.  False in a
// child.  Leaves the window empty if the split is starved or has to be put off.
static bool
fill(struct window *win)
{
    struct world *w = self.world;
    struct slot *s;
    int r;

    if (win->n == 0) {
        if (!(s = slot_for_first(w)))
            return true;
        r = add(win, s, w->config.fork_tries);
        if (r == 0)
            return false;
        if (r < 0) {
            win->p->spent.is_starved = true;
            return true;
        }
    }
    while (win->left > 0 && win->n <= win->ahead && (s = slot_take(w))) {
        r = add(win, s, 0);
        if (r == 0)
            return false;
        if (r < 0)
            break;
    }
    return true;
}

// Whether the children of this split can have none: then nobody below kid[0]
// can ask for a slot while it has the turn.
static bool
is_innermost(const struct window *win)
{
    return win->p->depth + 1 >= self.world->config.max_depth;
}

// Waits for kid[0], which has the turn; meanwhile, slots of the others may be
// asked for.
static void
finish_first(struct window *win)
{
    struct slot *s = win->kid[0];
    uint64_t yield = 0;
    int fd;

    if ((win->n == 1 || is_innermost(win)) && !self.world->config.wall_ms) {
        yield = child_wait(s);
    } else if (!child_reap(s, WNOHANG, &yield)) {
        fd = child_watch(s);
        while (!child_wait_or(s, fd, self.evict_fd, -1, &yield))
            obey_evictions(win);
    }
    win->p->spent.fresh += yield;
    // Nobody but us could have taken its slot since.
    if (!atomic_load(&s->has_split) && win->ahead < self.world->n_slots) {
        win->ahead++;
        atomic_store(crowded(win->p), false);
    }
    win->n--;
    memmove(win->kid, win->kid + 1, (size_t)win->n * sizeof(*win->kid));
    win->paid = ENERGY_NONE;
}

static enum batch_end
run_batch(struct window *win)
{
    struct world *w = self.world;
    struct point *p = win->p;

    while (win->left > 0 || win->n > 0) {
        if (!fill(win))
            return BATCH_IN_CHILD;
        if (win->n == 0 && p->spent.is_starved)
            break;
        if (win->n == 0) {
            put_off(w, win);
            return BATCH_PUT_OFF;
        }
        if (!give_turn(win)) {
            p->spent.is_starved = true;
            drop_all(win);
            break;
        }
        finish_first(win);
        if (atomic_load(&w->is_stopped)) {
            drop_all(win);
            timeline_end(SPLIT_STOPPED, 0, NULL);
        }
    }
    return BATCH_DONE;
}

void
window_split(struct point *p)
{
    struct world *w = self.world;
    struct slot *kid[w->n_slots];
    struct window win = {.p = p, .kid = kid,
                         .ahead = atomic_load(crowded(p)) ? 0 : w->n_slots};
    enum batch_end end = BATCH_DONE;

    while (end == BATCH_DONE &&
           (win.left = energy_batch(&w->energy, &p->mark->energy, &w->config,
                                    w->is_warm, &p->spent)) > 0)
        end = run_batch(&win);
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
