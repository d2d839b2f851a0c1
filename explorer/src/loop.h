// SPDX-License-Identifier: MIT
// loop.h -- splitting, one child at a time, and following a recipe.
// Implemented by split.c, used by assert.c, rng.c and replay.c.
// Book: chapter 7.
#ifndef SPLIT_LOOP_H
#define SPLIT_LOOP_H

#include "world.h"

// `m` saw something for the first time: forks here, if depth and energy allow.
// Returns in this timeline, when its children are done (or put off), and once
// in each child, which by then draws from its own seed.
void loop_discovery(struct mark *m);

// Forks the children of `p` one after the other, waiting for each.
void loop_sequential(struct point *p);

// The next step of the recipe is due: reseeds, and goes to the step after it.
void loop_replay_step(void);

// child.c: ends this timeline, for good or ill, with what it covered passed on.
void timeline_end(enum split_death death, int code, const char *text)
    __attribute__((__noreturn__));
// The same for a death that is a finding.  In a host process that explores
// nothing: prints the text and aborts.
void timeline_die(enum split_death death, int code, const char *text)
    __attribute__((__noreturn__));

#endif
