// SPDX-License-Identifier: MIT
// config.h -- checking a configuration, opening and closing an exploration.
// Implemented by config.c, used by run.c.  Book: chapter 7.
#ifndef SPLIT_CONFIG_H
#define SPLIT_CONFIG_H

#include "world.h"

// How many timelines may live at once under `c`.
int config_slots(const struct split_config *c);

#endif
