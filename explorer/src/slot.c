// SPDX-License-Identifier: MIT
// slot.c -- one slot per live timeline; their number is the bound of the tree.
// Called from split.c, window.c, warden.c and child.c.  Book: chapter 8.

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "child.h"

unsigned char *
slot_edges(struct world *w, const struct slot *s)
{
    return w->slot_edges + (size_t)s->index * ((w->n_edges + 7) & ~(size_t)7);
}

struct slot *
slot_take(struct world *w)
{
    for (int i = 0; i < w->n_slots; i++) {
        struct slot *s = &w->slots[i];
        int free = SLOT_FREE, live, peak;

        if (atomic_load_explicit(&s->state, memory_order_relaxed) ||
            !atomic_compare_exchange_strong(&s->state, &free, SLOT_TAKEN))
            continue;
        live = atomic_fetch_add(&w->live, 1) + 1;
        peak = atomic_load(&w->live_peak);
        while (live > peak &&
               !atomic_compare_exchange_weak(&w->live_peak, &peak, live))
            ;
        s->index = i;
        s->parent = NULL;
        novel_clear(&s->map);
        if (w->n_edges)
            memset(slot_edges(w, s), 0, w->n_edges);
        return s;
    }
    return NULL;
}

struct slot *
slot_take_waiting(struct world *w)
{
    struct slot *s;

    for (;;) {
        uint32_t seen = atomic_load(&w->slot_freed);

        if ((s = slot_take(w)))
            return s;
        slot_sleep(w, seen);
    }
}

void
slot_free(struct world *w, struct slot *s)
{
    atomic_fetch_sub(&w->live, 1);
    s->parent = NULL;
    atomic_store_explicit(&s->is_evicted, false, memory_order_relaxed);
    atomic_store(&s->state, SLOT_FREE);
    atomic_fetch_add(&w->slot_freed, 1);
    if (atomic_load(&w->slot_sleepers))
        syscall(SYS_futex, &w->slot_freed, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void
slot_sleep(struct world *w, uint32_t seen)
{
    struct timespec most = {0, 20000000};

    // One that is killed in its sleep is counted for ever: that costs a wake.
    atomic_fetch_add(&w->slot_sleepers, 1);
    syscall(SYS_futex, &w->slot_freed, FUTEX_WAIT, seen, &most, NULL, 0);
    atomic_fetch_sub(&w->slot_sleepers, 1);
}

bool
slot_has_children(struct world *w, const struct slot *s)
{
    for (int i = 0; i < w->n_slots; i++)
        if (w->slots[i].parent == s &&
            atomic_load(&w->slots[i].state) != SLOT_FREE)
            return true;
    return false;
}

bool
slot_any_leaving(struct world *w)
{
    for (int i = 0; i < w->n_slots; i++) {
        int state = atomic_load(&w->slots[i].state);

        if (state == SLOT_ORPHAN ||
            (state != SLOT_FREE && atomic_load(&w->slots[i].is_evicted)))
            return true;
    }
    return false;
}

struct split_step *
slot_path(struct world *w, const struct slot *s, size_t extra, size_t *len)
{
    const struct slot *root = s;
    struct split_step *path;
    size_t n = 0, at;

    for (; root->parent; root = root->parent)
        n++;
    n += root->prefix_len;
    path = world_alloc(w, (n + extra ? n + extra : 1) * sizeof(*path));
    if (!path)
        return NULL;
    *len = at = n;
    for (; s->parent; s = s->parent)
        path[--at] = s->step;
    if (at)
        memcpy(path, s->prefix, at * sizeof(*path));
    return path;
}
