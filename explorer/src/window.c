// SPDX-License-Identifier: MIT
// window.c -- the sliding window: many timelines at once, one bound for all.
// Called from split.c at a discovery; children by child.c, slots by slot.c; what
// is put off here is run by the warden (run.c).  Book: chapter 8.
//
// The bound counts live timelines, those that wait for their children too:
// however deep the tree, it never has more processes than slots.  A timeline
// that splits and finds no slot free waits for one, and slots go to the deepest
// first.  If everybody waits, nobody will ever free one.  Then the split is put
// off: the warden runs those children later, from the start along their path.

#include "window.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "child.h"

// The children of one split that are alive now.
struct window {
    struct slot **kid;
    int *fd;
    int n;
};

static void
window_add(struct window *win, struct slot *s)
{
    win->kid[win->n] = s;
    win->fd[win->n++] = child_watch(s);
}

static void
window_remove(struct window *win, int i)
{
    if (win->fd[i] >= 0)
        close(win->fd[i]);
    win->n--;
    win->kid[i] = win->kid[win->n];
    win->fd[i] = win->fd[win->n];
}

// In a child: the descriptors of its siblings are of no use to it.
static void
window_forget(struct window *win)
{
    while (win->n > 0)
        window_remove(win, win->n - 1);
}

//> bound
// Whether a timeline deeper than this one sleeps until a slot is free.
static bool
is_outranked(struct world *w)
{
    for (int i = 0; i < w->n_slots; i++)
        if (atomic_load(&w->slots[i].state) == SLOT_WAITS_SLOT &&
            w->slots[i].depth > self.depth)
            return true;
    return false;
}

// Whether any other timeline will end without our doing.
static bool
is_anybody_at_work(struct world *w)
{
    for (int i = 0; i < w->n_slots; i++) {
        int state = atomic_load(&w->slots[i].state);

        if (&w->slots[i] != self.slot &&
            (state == SLOT_RUNNING || state == SLOT_TAKEN ||
             state == SLOT_ORPHAN))
            return true;
    }
    return false;
}

// A slot for a child of this timeline, or NULL: with children alive, wait for
// one of them; without, everybody waits, and the split has to be put off.
static struct slot *
window_slot(struct world *w, bool has_children)
{
    struct slot *s = NULL;

    if (has_children)
        return is_outranked(w) ? NULL : slot_take(w);
    while (!(s = slot_take(w))) {
        atomic_store(&self.slot->state, SLOT_WAITS_SLOT);
        if (!is_anybody_at_work(w))
            break;
        slot_sleep(w);
    }
    atomic_store(&self.slot->state, SLOT_RUNNING);
    return s;
}
//< bound

//> put_off
// Leaves the rest of the split to the warden: `left` children of this batch,
// and the batches after it.
static void
put_off(struct world *w, const struct point *p, unsigned left)
{
    struct point *later = world_alloc(w, sizeof(*later)), *first;

    if (!later)
        timeline_end(SPLIT_STOPPED, 0, NULL);
    *later = *p;
    later->left = left;
    later->parent_node = self.slot->node;
    later->path = slot_path(w, self.slot, 0, &later->path_len);
    if (!later->path)
        timeline_end(SPLIT_STOPPED, 0, NULL);
    first = atomic_load(&w->put_off);
    do
        atomic_store(&later->next, first);
    while (!atomic_compare_exchange_weak(&w->put_off, &first, later));
    eventfd_write(self.wake_fd, 1);
}
//< put_off

enum batch_end { BATCH_DONE, BATCH_IN_CHILD, BATCH_PUT_OFF };

//> batch
// Runs `left` children, as many at once as there are slots.
static enum batch_end
run_batch(struct point *p, unsigned left, struct window *win)
{
    struct world *w = self.world;
    struct energy *e = &w->energy;

    while (left > 0 || win->n > 0) {
        struct slot *s = left ? window_slot(w, win->n > 0) : NULL;
        enum energy_level paid;
        uint64_t yield = 0;
        int r;

        if (s) {
            paid = energy_take(e, &p->mark->energy);
            r = -1;
            if (paid == ENERGY_NONE)
                slot_free(w, s);
            else if ((r = child_start(p, s)) == 0)
                return BATCH_IN_CHILD;
            if (r > 0) {
                window_add(win, s);
                left--;
            } else {
                energy_refund(e, &p->mark->energy, paid);
                p->spent.is_starved = true;
                left = 0;
            }
        } else if (win->n > 0) {
            r = child_wait_any(win->kid, win->fd, win->n, &yield);
            window_remove(win, r);
            p->spent.fresh += yield;
        } else {
            put_off(w, p, left);
            return BATCH_PUT_OFF;
        }
        if (atomic_load(&w->is_stopped))
            timeline_end(SPLIT_STOPPED, 0, NULL);   // and so do its children
    }
    return BATCH_DONE;
}
//< batch

void
window_split(struct point *p)
{
    struct world *w = self.world;
    struct slot *kid[w->n_slots];
    int fd[w->n_slots];
    struct window win = {kid, fd, 0};
    enum batch_end end = BATCH_DONE;
    unsigned n;

    while (end == BATCH_DONE &&
           (n = energy_batch(&w->energy, &p->mark->energy, &w->config,
                             w->is_warm, &p->spent)) > 0)
        end = run_batch(p, n, &win);
    if (end == BATCH_IN_CHILD)
        window_forget(&win);
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
