// SPDX-License-Identifier: MIT
// places.h -- price_ops of the real machine; see places.c.
#ifndef PLACES_H
#define PLACES_H

#include "price.h"

// The machine that this process runs on.  The clock is core time: what all
// places and their children that are gone have used, as of the last call; so
// other people's programs are not in it, and children count when reaped.
const struct price_ops *places_ops(void);

// The last of the cores that this process may run on: the one to pin to.
int places_core(void);

// End whatever places are left.
void places_end(void);

#endif
