// SPDX-License-Identifier: MIT
// window.h -- many timelines at once, under one bound for the whole tree.
// Implemented by window.c, used by split.c, assert.c and run.c.
// Book: chapter 8.
#ifndef SPLIT_WINDOW_H
#define SPLIT_WINDOW_H

#include "world.h"

// Forks the children of `p`, several at once.  Returns in this timeline when
// they are done or put off, and once in each child.  What comes of it is what
// loop_sequential() would have come to, unless the split was put off.
void window_split(struct point *p);

// Returns when everything that comes before this timeline is done.  Called
// before anything that other timelines can see and decide by.
void window_wait_turn(void);

// What the warden does with splits that were put off: takes those that came in
// since the last call, oldest first, to the end of the list at *pending.
void window_collect(struct world *w, struct point **pending);

#endif
