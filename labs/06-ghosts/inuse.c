// SPDX-License-Identifier: MIT
// inuse.c -- the counters of the blocks after a fork: what box64 does about
// them, which is nothing.  The contract is in inuse.h.  Book: chapter 6.
#include "inuse.h"

void
inuse_after_fork(struct dyn *d, const struct cpu *self)
{
    (void)d;
    (void)self;
}
