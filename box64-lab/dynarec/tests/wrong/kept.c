// SPDX-License-Identifier: MIT
// kept.c -- a wrong inuse.c: what box64 does, which is nothing.
// Caught by: plain
#include "inuse.h"

void
inuse_after_fork(struct dyn *d, const struct cpu *self)
{
    (void)d;
    (void)self;
}
