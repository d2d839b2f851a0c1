// SPDX-License-Identifier: MIT
// window.c -- a right answer by another method: nobody is evicted, for children
// run ahead only in slots that the chain below the first one cannot need.
//
// While a timeline waits for its first child, it forks nobody.  So of all
// timelines only the last of the chain forks, and a free slot that it counted
// is still free when it takes it.

#include "window.h"

#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "child.h"

struct window {
    struct point *p;
    struct slot **kid;
    int n;
    unsigned left;
};

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

static bool
give_turn(struct window *win)
{
    struct world *w = self.world;
    struct slot *s = win->kid[0];

    if (energy_take(&w->energy, &win->p->mark->energy) == ENERGY_NONE)
        return false;
    child_count(win->p, s);
    atomic_store(&s->has_turn, 1);
    syscall(SYS_futex, &s->has_turn, FUTEX_WAKE, 1, NULL, NULL, 0);
    return true;
}

// More free slots than the chain below the first child can need?
static bool
is_spare(struct world *w, const struct point *p)
{
    int needed = (int)w->config.max_depth - (int)p->depth - 1, n_free = 0;

    for (int i = 0; i < w->n_slots; i++)
        n_free += atomic_load(&w->slots[i].state) == SLOT_FREE;
    return n_free > needed;
}

static struct slot *
slot_for_first(struct world *w)
{
    for (;;) {
        uint32_t seen = atomic_load(&w->slot_freed);
        struct slot *s = slot_take(w);

        if (s || !slot_any_leaving(w))
            return s;
        slot_sleep(w, seen);
    }
}

static void
drop(struct window *win)
{
    while (win->n > 0)
        child_discard(win->kid[--win->n]);
}

// Forks into `s`: 0 in the child.
static int
start(struct window *win, struct slot *s, unsigned tries)
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

// One batch.  False: this is a child, or the split is put off.
static bool
run(struct window *win)
{
    struct world *w = self.world;
    struct point *p = win->p;
    struct slot *s;

    while (win->n > 0 || win->left > 0) {
        if (win->n == 0) {
            int r;

            if (!(s = slot_for_first(w))) {
                put_off(w, win);
                return false;
            }
            if ((r = start(win, s, w->config.fork_tries)) == 0)
                return false;
            if (r < 0) {
                p->spent.is_starved = true;
                return true;
            }
        }
        while (win->left > 0 && is_spare(w, p) && (s = slot_take(w))) {
            int r = start(win, s, 0);

            if (r == 0)
                return false;
            if (r < 0)
                break;
        }
        if (!give_turn(win)) {
            p->spent.is_starved = true;
            drop(win);
            return true;
        }
        p->spent.fresh += child_wait(win->kid[0]);
        memmove(win->kid, win->kid + 1, (size_t)--win->n * sizeof(*win->kid));
        if (atomic_load(&w->is_stopped)) {
            drop(win);
            timeline_end(SPLIT_STOPPED, 0, NULL);
        }
    }
    return true;
}

void
window_split(struct point *p)
{
    struct world *w = self.world;
    struct slot *kid[w->n_slots];
    struct window win = {.p = p, .kid = kid};

    do
        win.left = energy_batch(&w->energy, &p->mark->energy, &w->config,
                                w->is_warm, &p->spent);
    while (win.left > 0 && run(&win));
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
