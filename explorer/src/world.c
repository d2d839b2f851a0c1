// SPDX-License-Identifier: MIT
// world.c -- the memory all timelines share: one mapping, a bump allocator.
// Called from run.c; everybody allocates from it.  Book: chapter 7.

#include "world.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include "child.h"

_Thread_local struct self self __attribute__((tls_model("initial-exec")));

int64_t
now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int
fail(struct split *x, int code, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(x->error, sizeof(x->error), format, ap);
    va_end(ap);
    return code;
}

static size_t
rounded(size_t n)
{
    return (n + 63) & ~(size_t)63;
}

// Pages are only used when they are first touched, so a generous size costs
// address space, not memory.  What a split touches lies close together.
struct world *
world_new(const struct split_config *c, int n_slots)
{
    size_t n = (size_t)n_slots, n_edges = edges_count();
    size_t per_slot = (n_edges + 7) & ~(size_t)7;
    size_t slots = rounded(sizeof(struct world));
    size_t explored = slots + rounded(n * sizeof(struct slot));
    size_t maps = explored + NOVEL_WORDS * sizeof(uint64_t);
    size_t edges = maps + n * NOVEL_WORDS * sizeof(uint64_t);
    size_t slot_edges = edges + rounded(per_slot);
    size_t fixed = slot_edges + rounded(per_slot * n);
    size_t size = fixed + (c->shared_mb << 20);
    char *base = split_system.mmap(NULL, size, PROT_READ | PROT_WRITE,
                                   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
                                   -1, 0);
    struct world *w = (void *)base;

    if (base == MAP_FAILED)
        return NULL;
    w->config = *c;
    w->size = size;
    w->n_slots = n_slots;
    w->n_edges = n_edges;
    w->slots = (void *)(base + slots);
    w->explored.word = (void *)(base + explored);
    for (size_t i = 0; i < n; i++)
        w->slots[i].map.word = (void *)(base + maps +
                                        i * NOVEL_WORDS * sizeof(uint64_t));
    w->edges = (unsigned char *)base + edges;
    w->slot_edges = (unsigned char *)base + slot_edges;
    w->used = fixed;
    w->oom_kills = oom_kills();
    if (c->name)
        w->config.name = world_strdup(w, c->name);
    return w;
}

void
world_free(struct world *w)
{
    munmap(w, w->size);
}

void
world_enter(struct world *w)
{
    self = (struct self){
        .world = w,
        .alarm = UINT64_MAX,
        .wake_fd = -1,
        .evict_fd = -1,
        .has_edges = w->n_edges > 0,
        .max_draws = w->config.max_draws,
        .max_ticks = w->config.max_ticks,
        .reseed = w->config.reseed,
        .reseed_arg = w->config.reseed_arg,
    };
}

void
world_stop(struct world *w)
{
    if (!atomic_exchange(&w->is_stopped, true) && self.wake_fd >= 0)
        eventfd_write(self.wake_fd, 1);
}

void *
world_alloc(struct world *w, size_t bytes)
{
    size_t at;

    bytes = (bytes + 15) & ~(size_t)15;
    at = atomic_fetch_add(&w->used, bytes);
    if (at + bytes > w->size) {
        atomic_store(&w->is_full, true);
        atomic_store(&w->error, -ENOSPC);
        world_stop(w);
        return NULL;
    }
    return (char *)w + at;
}

char *
world_strdup(struct world *w, const char *s)
{
    size_t n = strlen(s) + 1;
    char *copy = world_alloc(w, n);

    return copy ? memcpy(copy, s, n) : NULL;
}

// What a mark remembers for reports stays; what decides about splits starts
// afresh, or a later seed would never split where an earlier one did.
static void
next_seed_mark(struct mark *m)
{
    atomic_store(&m->is_triggered, false);
    atomic_store(&m->split_watermark, m->is_maximized ? INT64_MIN : INT64_MAX);
    atomic_store(&m->split_frontier, 0);
    atomic_store(&m->quality, NULL);
    energy_reset_mark(&m->energy);
}

void
world_next_seed(struct world *w, unsigned index)
{
    energy_reset(&w->energy, &w->config);
    for (struct mark *m = w->first_mark; m; m = m->later)
        next_seed_mark(m);
    w->is_warm = index > 0;
    w->root_seed = split_root_seed(w->config.seed, index);
}
