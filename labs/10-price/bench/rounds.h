// SPDX-License-Identifier: MIT
// rounds.h -- all rows, round after round; see rounds.c.
#pragma once

#include "rows.h"

struct timing {
    double seconds;    // no new round after that
    int least, most;   // rounds
    double visit_us;   // a visit ends after that, or VISIT samples
    int verbose;
    // filled in:
    int rounds;
    double took;       // seconds, all of it
};

// Start a process for each place, visit all rows in a new order in each round,
// end the processes.  What a place or a row cannot do here is in its error;
// returns 0, or -errno where nothing could be measured, with a message in why.
int rounds_run(struct plan *p, struct timing *t, char *why, size_t size);
