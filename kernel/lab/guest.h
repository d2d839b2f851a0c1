// SPDX-License-Identifier: MIT
// guest.h -- what a lab's program in the machine is written with.  It runs as
// init: `init TEST CHALLENGE`.
#ifndef GUEST_H
#define GUEST_H

#include "../user/rt.h"

struct guest_test {
    const char *name;
    void (*run)(void);
};

extern struct rng rng;      // from the challenge

// Compare; the first difference is what the judge reports.
void expect(const char *what, long want, long got);

// The same for what may lie in [low, high].
void expect_between(const char *what, long low, long high, long got);

// Has a check failed?
bool failed(void);

// A number in [low, high].
long range(long low, long high);

// fork(); a failure is a failed check and the end of the test.
long must_fork(void);

// The tests of this lab; `main` is in guest.c.
extern const struct guest_test guest_tests[];

#endif
