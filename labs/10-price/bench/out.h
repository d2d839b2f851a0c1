// SPDX-License-Identifier: MIT
// out.h -- the table, the JSON, the data of the plots; see out.c.
#pragma once

#include "failure.h"
#include "machine.h"
#include "model.h"
#include "rounds.h"

#include <stdio.h>

struct result {
    struct machine machine;
    struct plan plan;
    struct timing timing;
    struct failure failures[FAILURES];
    int failures_lost;
    struct model core, wall;
    int quick;
};

void out_table(FILE *to, const struct result *r);

void out_json(FILE *to, const struct result *r);

// Write DIR/fork-NAME.dat for the plots.  Returns 0 or -errno, the file's
// name then in path.
int out_data(const char *dir, const struct result *r, char *path,
             size_t size);
