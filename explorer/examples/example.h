// SPDX-License-Identifier: MIT
// example.h -- what all examples share: options, running, replaying, reporting.
// Implemented by example.c.
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include "split.h"

struct example {
    const char *name;
    const char *about;          // one line
    split_sim *sim;
    void *arg;
    struct split_config config; // its defaults
};

int example_main(int argc, char **argv, struct example *e);

#endif
