// SPDX-License-Identifier: MIT
// assert.c -- the assertions: they count, they note what is new, they split.
// Called by the simulation; goes to loop_discovery() (split.c).
// Book: chapters 7 and 9.

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "loop.h"
#include "window.h"

struct quality {
    size_t n;
    int64_t value[];
};

// The mark, or NULL where assertions do not count: no exploration here, or a
// stretch of a timeline that is only run again to get somewhere.
static struct mark *
mark_here(enum split_kind kind, bool is_maximized, const char *name)
{
    struct world *w = self.world;
    struct mark *m;

    if (!w || self.mode == MODE_REACH)
        return NULL;
    m = mark_find(w, kind, is_maximized, name);
    if (!m)
        timeline_end(SPLIT_STOPPED, 0, NULL);
    return m;
}

static void
note(const struct mark *m, uint64_t variant)
{
    if (self.slot)
        novel_note(&self.slot->map, novel_hash(m->hash, variant));
}

static void
broken(const struct mark *m)
{
    timeline_die(SPLIT_ASSERTION, 42, m->name);
}

// Whether `m` is seen for the first time on this seed, by this caller.
static bool
is_first(struct mark *m)
{
    if (atomic_load(&m->is_triggered))
        return false;
    window_wait_turn();
    return !atomic_exchange(&m->is_triggered, true);
}

void
split_assert(enum split_kind kind, bool condition, const char *name)
{
    struct mark *m = mark_here(kind, false, name);
    bool is_hope = kind == SPLIT_SOMETIMES || kind == SPLIT_REACHABLE;

    if (!m)
        return;
    if (kind == SPLIT_UNREACHABLE)
        condition = false;
    atomic_fetch_add(condition ? &m->pass : &m->fail, 1);
    if (!condition) {
        if (!is_hope)
            broken(m);
        return;
    }
    if (!is_hope)
        return;
    note(m, 0);
    if (is_first(m))
        loop_discovery(m);
}

static bool
holds(enum split_cmp cmp, int64_t left, int64_t right)
{
    switch (cmp) {
    case SPLIT_GT:
        return left > right;
    case SPLIT_GE:
        return left >= right;
    case SPLIT_LT:
        return left < right;
    default:
        return left <= right;
    }
}

static bool
is_improved(_Atomic int64_t *mark, int64_t value, bool is_maximized)
{
    int64_t best = atomic_load(mark);

    return is_maximized ? value > best : value < best;
}

// Moves *mark to `value` if that is better.  Whether it was, for this caller.
static bool
improve(_Atomic int64_t *mark, int64_t value, bool is_maximized)
{
    int64_t best = atomic_load(mark);

    while (is_maximized ? value > best : value < best)
        if (atomic_compare_exchange_weak(mark, &best, value))
            return true;
    return false;
}

void
split_assert_number(enum split_kind kind, enum split_cmp cmp, int64_t left,
                    int64_t right, const char *name)
{
    bool is_maximized = cmp == SPLIT_GT || cmp == SPLIT_GE;
    bool condition = holds(cmp, left, right);
    struct mark *m = mark_here(kind, is_maximized, name);

    if (!m)
        return;
    atomic_fetch_add(condition ? &m->pass : &m->fail, 1);
    improve(&m->watermark, left, is_maximized);
    if (kind == SPLIT_NUMERIC_ALWAYS) {
        if (!condition)
            broken(m);
        return;
    }
    if (!is_improved(&m->split_watermark, left, is_maximized))
        return;
    window_wait_turn();
    if (improve(&m->split_watermark, left, is_maximized)) {
        note(m, (uint64_t)left);
        loop_discovery(m);
    }
}

void
split_sometimes_all(const char *name, size_t n, const bool *parts)
{
    struct mark *m = mark_here(SPLIT_SOMETIMES_ALL, true, name);
    uint32_t held = 0, most;

    if (!m)
        return;
    for (size_t i = 0; i < n; i++)
        held += parts[i];
    atomic_fetch_add(held == n ? &m->pass : &m->fail, 1);
    most = atomic_load(&m->frontier);
    while (held > most &&
           !atomic_compare_exchange_weak(&m->frontier, &most, held))
        ;
    if (held)
        note(m, held);
    if (held <= atomic_load(&m->split_frontier))
        return;
    window_wait_turn();
    most = atomic_load(&m->split_frontier);
    while (held > most)
        if (atomic_compare_exchange_weak(&m->split_frontier, &most, held)) {
            loop_discovery(m);
            break;
        }
}

// ---- buckets ---------------------------------------------------------------

// "name{key=value,...}": a bucket is a mark of its own, known by its keys.
static char *
bucket_name(const char *name, size_t n, const struct split_key *keys)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return NULL;
    fprintf(out, "%s{", name);
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%s%s=%" PRId64, i ? "," : "", keys[i].name,
                keys[i].value);
    fputc('}', out);
    if (fclose(out)) {
        free(text);
        return NULL;
    }
    return text;
}

// A comparison from the first number on; with fewer numbers is less.
static bool
is_better(const struct quality *old, size_t n, const struct split_key *q)
{
    for (size_t i = 0; i < n && i < old->n; i++)
        if (q[i].value != old->value[i])
            return q[i].value > old->value[i];
    return n > old->n;
}

// Publishes `q` as the bucket's best if it is.  The records are never changed:
// whoever reads one sees all of it, whoever is killed here leaves the old one.
static bool
improve_quality(struct mark *m, size_t n, const struct split_key *q)
{
    struct quality *old = atomic_load(&m->quality), *made = NULL;

    for (;;) {
        if (old && !is_better(old, n, q))
            return false;
        if (!made) {
            made = world_alloc(self.world, sizeof(*made) + n * sizeof(int64_t));
            if (!made)
                timeline_end(SPLIT_STOPPED, 0, NULL);
            made->n = n;
            for (size_t i = 0; i < n; i++)
                made->value[i] = q[i].value;
        }
        if (atomic_compare_exchange_strong(&m->quality, &old, made))
            return true;
    }
}

static uint64_t
quality_variant(size_t n, const struct split_key *q)
{
    uint64_t h = 1;

    for (size_t i = 0; i < n; i++)
        h = novel_hash(h, (uint64_t)q[i].value);
    return h;
}

void
split_sometimes_each(const char *name, size_t n_keys,
                     const struct split_key *keys, size_t n_quality,
                     const struct split_key *quality)
{
    char *full;
    struct mark *m;
    struct quality *best;
    bool is_new;

    if (!self.world || self.mode == MODE_REACH)
        return;
    if (!(full = bucket_name(name, n_keys, keys)))
        timeline_die(SPLIT_MEMORY, 0, "no memory for the name of a bucket");
    m = mark_here(SPLIT_SOMETIMES_EACH, false, full);
    free(full);
    atomic_fetch_add(&m->pass, 1);
    note(m, 0);
    is_new = is_first(m);
    best = atomic_load(&m->quality);
    if (n_quality && (!best || is_better(best, n_quality, quality)))
        window_wait_turn();
    if (n_quality && improve_quality(m, n_quality, quality)) {
        note(m, quality_variant(n_quality, quality));
        is_new = true;
    }
    if (is_new)
        loop_discovery(m);
}

// ---- ends ------------------------------------------------------------------

void
split_end(int code)
{
    if (!self.world)
        exit(code);
    timeline_end(code ? SPLIT_EXIT : SPLIT_FINE, code,
                 code ? "split_end() was called" : NULL);
}

void
split_bug(const char *text)
{
    const char *kept = text;

    // The text may be this timeline's own: keep it where it outlives it.
    if (self.world && self.slot && !(kept = world_strdup(self.world, text)))
        kept = "a bug; its text did not fit into shared_mb";
    timeline_die(SPLIT_BUG, 42, kept);
}

void
split_out_of_memory(size_t bytes)
{
    char text[80];

    snprintf(text, sizeof(text), "no memory for %zu bytes", bytes);
    timeline_die(SPLIT_MEMORY, 42,
                 self.world && self.slot ? world_strdup(self.world, text)
                                         : text);
}
