// SPDX-License-Identifier: MIT
// model.c -- what a fork costs, as a sum: a fixed part, and so much for each
// mapping, page-table page, page, and page written to.  Used by main.c and
// out.c, solved by fit.c.  Book: chapter 10.
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
};

void
model_features(const struct plan *p, const struct row *r, double x[FIT_TERMS])
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

void
model_fit(struct model *m, const struct plan *p, enum model_clock clock)
{
    static double x[MOST_ROWS * SETS * FIT_TERMS], y[MOST_ROWS * SETS],
        w[MOST_ROWS * SETS];
    int n = 0, rows = 0;
    double off[MOST_ROWS];
    *m = (struct model){0};
    for (int i = 0; i < p->n_rows; i++) {
        const struct row *r = &p->rows[i];
        double measured = model_measured(r, clock);
        if (!r->in_fit || r->error || measured <= 0)
            continue;
        for (int k = 0; k < SETS && k < r->rounds; k++, n++) {
            model_features(p, r, x + n * FIT_TERMS);
            y[n] = sets(r, clock)[k];
            w[n] = 1 / measured;
        }
    }
    m->error = fit_solve(&m->fit, x, y, w, n, FIT_TERMS);
    for (int i = 0; i < p->n_rows && !m->error; i++) {
        const struct row *r = &p->rows[i];
        double f[FIT_TERMS], measured = model_measured(r, clock);
        if (!r->in_fit || r->error || measured <= 0)
            continue;
        model_features(p, r, f);
        off[rows] = fabs(measured - fit_predict(&m->fit, f)) / measured;
        if (off[rows] > m->worst) {
            m->worst = off[rows];
            m->worst_row = r->name;
        }
        rows++;
    }
    m->typical = stats_median(off, rows);
}
