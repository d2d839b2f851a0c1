// SPDX-License-Identifier: MIT
// finding.c -- findings: recorded once, in shared memory, before anybody dies.
// Called from child.c; read by the host.  Book: chapters 7 and 8.

#include <stdlib.h>
#include <string.h>
#include "world.h"

const char *
split_death_name(enum split_death death)
{
    static const char *const name[] = {
        [SPLIT_FINE] = "fine",
        [SPLIT_ASSERTION] = "assertion",
        [SPLIT_BUG] = "bug",
        [SPLIT_EXIT] = "exit",
        [SPLIT_ESCAPED] = "escaped",
        [SPLIT_SIGNAL] = "signal",
        [SPLIT_ABORT] = "abort",
        [SPLIT_SANITIZER] = "sanitizer",
        [SPLIT_HANG] = "hang",
        [SPLIT_MEMORY] = "memory",
        [SPLIT_VANISHED] = "vanished",
        [SPLIT_STOPPED] = "stopped",
        [SPLIT_COLLATERAL] = "collateral",
    };

    return death <= SPLIT_COLLATERAL ? name[death] : "?";
}

static const char *
default_text(enum split_death death)
{
    switch (death) {
    case SPLIT_EXIT:
        return "the timeline exited";
    case SPLIT_SIGNAL:
        return "was killed by a signal";
    case SPLIT_ABORT:
        return "called abort()";
    case SPLIT_SANITIZER:
        return "a sanitizer reported an error";
    case SPLIT_MEMORY:
        return "was killed when the machine ran out of memory";
    case SPLIT_VANISHED:
        return "was reaped by somebody else";
    default:
        return "";
    }
}

// In the list, oldest first.
static void
append(struct world *w, struct finding *f)
{
    struct finding *_Atomic *at = &w->first_finding;
    struct finding *none = NULL;

    while (!atomic_compare_exchange_strong(at, &none, f)) {
        at = &none->next;
        none = NULL;
    }
}

void
finding_record(struct world *w, struct slot *s, enum split_death death,
               int code, const char *text)
{
    struct finding *f;
    uint64_t n;

    if (death == SPLIT_FINE || death >= SPLIT_STOPPED ||
        atomic_load(&w->is_stopped) ||
        atomic_exchange(&s->is_recorded, true))
        return;
    if (!(f = world_alloc(w, sizeof(*f))))
        return;
    f->pub.death = death;
    f->pub.code = code;
    f->pub.text = text ? text : default_text(death);
    f->pub.timeline = s->node;
    f->pub.recipe.name = (char *)w->config.name;
    f->pub.recipe.seed = w->root_seed;
    f->pub.recipe.has_seed = true;
    f->pub.recipe.step = slot_path(w, s, 0, &f->pub.recipe.len);
    if (!f->pub.recipe.step)
        return;
    append(w, f);
    n = atomic_fetch_add(&w->findings, 1) + 1;
    if (w->config.stop_after && n >= w->config.stop_after)
        world_stop(w);
}

size_t
split_findings(const struct split *x)
{
    return atomic_load(&x->world->findings);
}

const struct split_finding *
split_finding(const struct split *x, size_t i)
{
    struct finding *f = atomic_load(&x->world->first_finding);

    for (; f && i > 0; i--)
        f = atomic_load(&f->next);
    return f ? &f->pub : NULL;
}

char *
split_finding_print(const struct split_finding *f)
{
    char *recipe = split_recipe_print(&f->recipe), *line = NULL;
    size_t size;
    FILE *out;

    if (!recipe || !(out = open_memstream(&line, &size))) {
        free(recipe);
        return NULL;
    }
    fprintf(out, "%s %d: %s [%s]", split_death_name(f->death), f->code,
            f->text, recipe);
    free(recipe);
    if (fclose(out)) {
        free(line);
        return NULL;
    }
    return line;
}
