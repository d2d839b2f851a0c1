// SPDX-License-Identifier: MIT
// model.h -- what a fork costs, as a sum; see model.c.
#pragma once

#include "fit.h"
#include "rows.h"

struct term {
    const char *name, *text;
};
extern const struct term model_terms[FIT_TERMS];

// How often each term counts in a row.  Pages beyond the first knee_mb of a
// memory are far ones as well.
void model_features(const struct plan *p, const struct row *r, long knee_mb,
                    double x[FIT_TERMS]);

enum model_clock { BY_CORE, BY_WALL };

struct model {
    int error;           // -errno where it could not be fitted
    struct fit fit;
    long knee_mb;        // 0: no memory was large enough to look for one
    double squares;      // the sum of the squared relative residuals
    double typical;      // the median of |residual| / measured, over the rows
    double worst;        // the largest
    const char *worst_row;
};

// Fit to one observation of each row in each set of rounds: the least that it
// took there, since what others do to a machine only ever adds.  Every row
// counts by its relative error: weighed by microseconds, only the largest
// memory would.  The knee is the one of 16, 64, 128 and 256 MB with which the
// relative residuals are least.
void model_fit(struct model *m, const struct plan *p, enum model_clock clock);

// The median over the sets of what the model's clock measured in a row.
double model_measured(const struct row *r, enum model_clock clock);
