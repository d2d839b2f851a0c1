// SPDX-License-Identifier: MIT
// model.c -- what a fork costs, as a sum: a fixed part, and so much for each
// mapping, page-table page, page, far page, and page written to.  Used by main.c
// and out.c, solved by fit.c.  Book: chapter 10.
#include "model.h"

#include <math.h>
#include <string.h>

const struct term model_terms[FIT_TERMS] = {
    {"fixed", "fork, exit and wait of a process that holds nothing"},
    {"mapping", "each mapping"},
    {"table_page", "each page-table page (2 MiB of addresses)"},
    {"page", "each 4 KiB page in them"},
    {"child_page", "each page that the child writes to"},
    {"parent_page", "each page that the parent writes to"},
    {"far_page", "more for each page beyond the knee"},
};

void
model_features(const struct plan *p, const struct row *r, long knee_mb,
               double x[FIT_TERMS])
{
    const struct place *at = &p->places[r->place];
    long mappings = at->amount > 0, tables = at->amount, pages = at->amount;
    if (at->kind == HOLD_SMALL) {
        pages = at->amount * 256;
        tables = (pages + 511) / 512;
    } else if (at->kind == HOLD_MAPPINGS) {
        mappings = at->amount;
        tables = (pages + 511) / 512;
    }
    x[0] = 1;
    x[1] = (double)mappings;
    x[2] = (double)tables;
    x[3] = (double)pages;
    x[4] = r->who == CHILD ? (double)r->pages : 0;
    x[5] = r->who == PARENT ? (double)r->pages : 0;
    x[6] = 0;
    if (at->kind == HOLD_SMALL && knee_mb > 0 && at->amount > knee_mb)
        x[6] = (double)(at->amount - knee_mb) * 256;
}

static const double *
sets(const struct row *r, enum model_clock clock)
{
    return clock == BY_CORE ? r->set_core : r->set_wall;
}

double
model_measured(const struct row *r, enum model_clock clock)
{
    double v[SETS];
    int n = r->rounds < SETS ? r->rounds : SETS;
    memcpy(v, sets(r, clock), sizeof v);
    return stats_median(v, n);
}

static int
usable(const struct row *r, enum model_clock clock)
{
    return r->in_fit && !r->error && model_measured(r, clock) > 0;
}

static void
fit_with(struct model *m, const struct plan *p, enum model_clock clock,
         long knee_mb)
{
    static double x[MOST_ROWS * SETS * FIT_TERMS], y[MOST_ROWS * SETS],
        w[MOST_ROWS * SETS];
    // Without a knee there is no last term, and a place less in a line.
    int n = 0, terms = knee_mb ? FIT_TERMS : FIT_TERMS - 1;
    double f[FIT_TERMS];
    *m = (struct model){.knee_mb = knee_mb};
    for (int i = 0; i < p->n_rows; i++) {
        const struct row *r = &p->rows[i];
        if (!usable(r, clock))
            continue;
        model_features(p, r, knee_mb, f);
        for (int k = 0; k < SETS && k < r->rounds; k++, n++) {
            memcpy(x + n * terms, f, (size_t)terms * sizeof *f);
            y[n] = sets(r, clock)[k];
            w[n] = 1 / model_measured(r, clock);
        }
    }
    m->error = fit_solve(&m->fit, x, y, w, n, terms);
    for (int i = 0; i < n && !m->error; i++)
        m->squares += pow(w[i] * (y[i] - fit_predict(&m->fit, x + i * terms)),
                          2);
}

// From some size of memory on each page costs more: the knee.  The kernel's
// records of the pages no longer fit into the cache then, as chapter 10 shows
// (book/programs/10-price/knee.c).  Where the knee lies is asked of the data.
static void
fit_best(struct model *best, const struct plan *p, enum model_clock clock)
{
    static const long knees[] = {16, 64, 128, 256};
    struct model m;
    fit_with(best, p, clock, 0);
    for (int i = 0; i < 4 && knees[i] < p->top_mb; i++) {
        fit_with(&m, p, clock, knees[i]);
        if (!m.error && (best->error || m.squares < best->squares))
            *best = m;
    }
}

void
model_fit(struct model *m, const struct plan *p, enum model_clock clock)
{
    double off[MOST_ROWS];
    int rows = 0;
    fit_best(m, p, clock);
    for (int i = 0; i < p->n_rows && !m->error; i++) {
        const struct row *r = &p->rows[i];
        double f[FIT_TERMS], measured = model_measured(r, clock);
        if (!usable(r, clock))
            continue;
        model_features(p, r, m->knee_mb, f);
        off[rows] = fabs(measured - fit_predict(&m->fit, f)) / measured;
        if (off[rows] > m->worst) {
            m->worst = off[rows];
            m->worst_row = r->name;
        }
        rows++;
    }
    m->typical = stats_median(off, rows);
}
