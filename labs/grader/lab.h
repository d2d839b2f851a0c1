// SPDX-License-Identifier: MIT
// lab.h -- a lab as its manifest, labs/NN-name/lab.ini, describes it.
// The format is in CONTRIBUTING.md, "A lab".
#ifndef LAB_H
#define LAB_H

#include <stddef.h>

enum { LAB_FILES = 16, LAB_TESTS = 128, LAB_HINTS = 5, LAB_LIMITS = 5 };

// In the order of lab_limit_names; -1: not given.
struct lab_limits {
    long value[LAB_LIMITS];
};
extern const char *const lab_limit_names[LAB_LIMITS];

struct lab_test {
    char *name, *title, *book, *visibility;
    char *debug;  // what to do instead of gdb; NULL where gdb helps
    char *hints[LAB_HINTS];  // from a nudge to nearly the answer; NULL ends
    long points;
    struct lab_limits limits;
};

struct lab {
    char *dir;  // as given: labs/NN-name
    long number;
    char *name, *title, *chapter, *build, *judge;
    char *files[LAB_FILES + 1], *built[LAB_FILES + 1];  // NULL-terminated
    struct lab_limits limits, build_limits;
    struct lab_test tests[LAB_TESTS];
    size_t ntests;
};

// Read DIR/lab.ini.  Where it is missing or wrong, says so on stderr, every
// fault with its line or test, and returns NULL.
struct lab *lab_read(const char *dir);
const struct lab_test *lab_find(const struct lab *lab, const char *test);
// A limit of a test: its own, else the lab's.
long lab_limit(const struct lab *lab, const struct lab_test *t, size_t which);

#endif
