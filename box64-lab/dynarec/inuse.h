// SPDX-License-Identifier: MIT
// inuse.h -- the counters of the blocks, after a fork.  Book: chapter 6.
//
// Every block's emitted code adds 1 to block->in_used as it is entered and
// takes 1 off as it is left.  A thread holds a block while it runs in it, and
// while it runs something that the block called: a native function, guest code
// which that called back, a signal handler.  One thread may hold a block many
// times.  A block is purged only when its in_used is 0.
//
// fork() copies the counters, but only the thread that called it.
#ifndef INUSE_H
#define INUSE_H

#include "dyn.h"

// Called in the child of every fork, by its only thread, `self`, before
// anything else runs in it: dyn->lock is held, all other threads are gone from
// dyn->cpus.  `self` is NULL where the forking thread runs no guest code.
//
// On return, each block's in_used is the number of times that this thread
// holds it.  Where that cannot be known it may be more, never less: a block
// too many costs memory, a block too few is freed while it is being run.
// Memory is shared with the parent until it is written to, so nothing that is
// right already is written.
void inuse_after_fork(struct dyn *d, const struct cpu *self);

#endif
