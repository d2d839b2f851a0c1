// SPDX-License-Identifier: MIT
// real.h -- the tests on the real box64; each is skipped where none is.
// Defined in real.c, listed in judge.c.  Book: chapter 6.
#ifndef REAL_H
#define REAL_H

#include "judge.h"

void box64_default(struct judge *j);
void box64_child(struct judge *j);
void box64_nested(struct judge *j);
void box64_kept(struct judge *j);

#endif
