// SPDX-License-Identifier: MIT
// failure.h -- what it looks like when there is no more; see failure.c.
#pragma once

#include "machine.h"

struct failure {
    const char *name, *text;
    int tried;   // 0: the attempt could not even be set up
    int error;   // the errno that came of it; 0: it succeeded
};

enum { FAILURES = 6 };

// Try each in a child process of its own, under limits that only it has.
// Returns how many children could not be waited for: 0.
int failures_look(struct failure f[FAILURES], const struct machine *m);
