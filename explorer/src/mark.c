// SPDX-License-Identifier: MIT
// mark.c -- the table of marks: any number, names of any length, no locks.
// Called from assert.c.  Book: chapter 9.

#include <string.h>
#include "world.h"

static uint64_t
hash_name(const char *name, enum split_kind kind)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ kind;

    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    return h ^ h >> 29;
}

static struct mark *
lookup(struct mark *m, uint64_t hash, enum split_kind kind, const char *name)
{
    for (; m; m = atomic_load_explicit(&m->next, memory_order_acquire))
        if (m->hash == hash && m->kind == kind && !strcmp(m->name, name))
            return m;
    return NULL;
}

static struct mark *
make(struct world *w, uint64_t hash, enum split_kind kind, bool is_maximized,
     const char *name)
{
    struct mark *m = world_alloc(w, sizeof(*m));

    if (!m || !(m->name = world_strdup(w, name)))
        return NULL;
    m->hash = hash;
    m->kind = kind;
    m->is_maximized = is_maximized;
    m->watermark = m->split_watermark = is_maximized ? INT64_MIN : INT64_MAX;
    return m;
}

// Appends `m` to the list of all marks.  The tail is only a hint of where the
// end is: a process killed between the two steps leaves it behind, not lost.
static void
enlist(struct world *w, struct mark *m)
{
    struct mark *none = NULL, *at = atomic_load(&w->last_mark), *later;

    if (!at) {
        if (atomic_compare_exchange_strong(&w->first_mark, &none, m))
            goto done;
        at = none;
    }
    for (;;) {
        later = NULL;
        if (atomic_compare_exchange_strong(&at->later, &later, m))
            break;
        at = later;
    }
done:
    atomic_store(&w->last_mark, m);
    atomic_fetch_add(&w->marks, 1);
}

struct mark *
mark_find(struct world *w, enum split_kind kind, bool is_maximized,
          const char *name)
{
    uint64_t hash = hash_name(name, kind);
    struct mark *_Atomic *head = &w->heads[hash % MARK_HEADS];
    struct mark *first = atomic_load(head), *m, *made;

    if ((m = lookup(first, hash, kind, name)))
        return m;
    if (!(made = make(w, hash, kind, is_maximized, name)))
        return NULL;
    // Complete before it is published; if somebody was faster, look again.
    do {
        atomic_store(&made->next, first);
        if (atomic_compare_exchange_strong(head, &first, made)) {
            enlist(w, made);
            return made;
        }
    } while (!(m = lookup(first, hash, kind, name)));
    return m;
}
