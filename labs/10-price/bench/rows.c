// SPDX-License-Identifier: MIT
// rows.c -- what is measured: places, and rows in them.  Used by main.c,
// filled by rounds.c.  Book: chapter 10.
#include "rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
place(struct plan *p, enum kind kind, long amount)
{
    for (int i = 0; i < p->n_places; i++)
        if (p->places[i].kind == kind && p->places[i].amount == amount)
            return i;
    if (p->n_places == MOST_PLACES)
        abort();  // a bug of plan_make
    p->places[p->n_places] = (struct place){.kind = kind, .amount = amount,
                                            .ask = -1, .answer = -1};
    p->total_mb += hold_mb(kind, amount);
    return p->n_places++;
}

static struct row *
row(struct plan *p, const char *group, enum kind kind, long amount,
    enum way way)
{
    if (p->n_rows == MOST_ROWS)
        abort();
    struct row *r = &p->rows[p->n_rows++];
    *r = (struct row){.place = place(p, kind, amount), .way = way,
                      .group = group, .x = (double)amount,
                      .unit = kinds[kind].unit};
    snprintf(r->name, sizeof r->name, "%s/%s/%ld", way_names[way],
             kinds[kind].name, amount);
    r->in_fit = way == WAY_FORK &&
                (kind == HOLD_SMALL || kind == HOLD_SPARSE ||
                 kind == HOLD_MAPPINGS);
    return r;
}

static void
dirty_row(struct plan *p, enum kind kind, long mb, enum writer who, long pages)
{
    struct row *r = row(p, "dirty", kind, mb, WAY_FORK);
    size_t have = strlen(r->name);
    snprintf(r->name + have, sizeof r->name - have, "/%s/%ld",
             writer_names[who], pages);
    r->who = who;
    r->pages = pages;
    r->x = (double)pages;
    r->unit = "pages written";
    r->in_fit = kind == HOLD_SMALL && who != PARENT_LATE;
}

static const long memory[] = {0, 1, 4, 16, 64, 128, 256, 512, 1024};
#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

static void
memory_rows(struct plan *p, int quick)
{
    for (int i = 0; i < COUNT(memory) && memory[i] <= p->top_mb; i++)
        row(p, "memory", HOLD_SMALL, memory[i], WAY_FORK);
    for (enum kind k = HOLD_HUGE; k <= HOLD_WIPEONFORK; k++)
        for (int i = 0; i < COUNT(memory) && memory[i] <= p->top_mb; i++)
            if (memory[i] == 16 || memory[i] == 64 || memory[i] == 256 ||
                memory[i] == 1024)
                row(p, "memory", k, memory[i], WAY_FORK);
    for (enum way w = WAY_VFORK; w < WAYS; w++)
        for (int i = 0; i < COUNT(memory) && memory[i] <= p->top_mb; i++)
            if (memory[i] != 1 && memory[i] != 128 && memory[i] != 512 &&
                !(quick && memory[i] == 4))
                row(p, "ways", HOLD_SMALL, memory[i], w);
}

static void
count_rows(struct plan *p, int quick)
{
    static const struct {
        const char *group;
        enum kind kind;
        long amounts[4], quick[4];
    } counts[] = {
        {"tables", HOLD_SPARSE, {16, 64, 256, 1024}, {16, 64}},
        {"mappings", HOLD_MAPPINGS, {64, 512, 2048, 8192}, {64, 512}},
        {"mappings", HOLD_EMPTY, {64, 512, 2048, 8192}, {64, 512}},
        {"threads", HOLD_THREADS, {1, 4, 16, 64}, {1, 16}},
        {"files", HOLD_FILES, {64, 512, 2048, 8192}, {64, 512}},
    };
    for (int c = 0; c < COUNT(counts); c++) {
        const long *amounts = quick ? counts[c].quick : counts[c].amounts;
        for (int i = 0; i < 4 && amounts[i]; i++)
            row(p, counts[c].group, counts[c].kind, amounts[i], WAY_FORK);
    }
}

static void
dirty_rows(struct plan *p, int quick)
{
    static const long pages[] = {1, 64, 512, 2048, 8192};
    // Not more than one page of each huge page: the second one would find it
    // taken apart already.
    static const long huge[] = {1, 8, 32};
    long mb = p->top_mb < 64 ? p->top_mb : 64;
    for (enum writer who = CHILD; who < WRITERS; who++)
        for (int i = 0; i < COUNT(pages); i++)
            if (pages[i] <= (quick ? 512 : mb * 256))
                dirty_row(p, HOLD_SMALL, mb, who, pages[i]);
    for (int i = 0; i < COUNT(huge) && huge[i] <= mb / 2; i++)
        dirty_row(p, HOLD_HUGE, mb, CHILD, huge[i]);
}

static void
fill(struct plan *p, int quick)
{
    p->n_places = p->n_rows = 0;
    p->total_mb = 0;
    memory_rows(p, quick);
    count_rows(p, quick);
    dirty_rows(p, quick);
}

void
plan_make(struct plan *p, long most_mb, long room_mb, int quick)
{
    int last = COUNT(memory) - 1;
    while (last > 0 && memory[last] > most_mb)
        last--;
    p->most_mb = p->top_mb = memory[last];
    // Not below 16 MB: a machine that has less room runs out honestly.
    for (fill(p, quick); p->total_mb > room_mb && memory[last] > 16;
         fill(p, quick))
        p->top_mb = memory[--last];
}

struct row *
plan_row(struct plan *p, const char *name)
{
    for (int i = 0; i < p->n_rows; i++)
        if (strcmp(p->rows[i].name, name) == 0)
            return &p->rows[i];
    return NULL;
}

void
plan_summarise(struct plan *p)
{
    static double v[MOST_ROUNDS * VISIT];
    for (int i = 0; i < p->n_rows; i++) {
        struct row *r = &p->rows[i];
#define SUMMARISE(field)                       \
    do {                                       \
        for (int s = 0; s < r->count; s++)     \
            v[s] = r->samples[s].field;        \
        r->field = stats_of(v, r->count);      \
    } while (0)
        SUMMARISE(wall);
        SUMMARISE(create);
        SUMMARISE(exit);
        SUMMARISE(reap);
        SUMMARISE(core);
        SUMMARISE(faults_parent);
        SUMMARISE(faults_child);
#undef SUMMARISE
    }
}
