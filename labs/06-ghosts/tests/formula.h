// SPDX-License-Identifier: MIT
// formula.h -- reads diagnosis.txt: what a student says that box64 does, as
// formulas of the threads and functions of a run.  Book: chapter 6.
#ifndef FORMULA_H
#define FORMULA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct values {
    int64_t T, F, i;    // threads, hot functions, number of one of them
};

// The right side of the line `name = ...` of this text, without its comment;
// in `line` (of `size` bytes) and its number in *number.  False: no such line.
bool formula_line(const char *text, const char *name, char *line, size_t size,
                  int *number);

// The formula's value.  False where it cannot be computed; `why` (of 120
// bytes) then says what is wrong with it.
bool formula_value(const char *formula, const struct values *v, int64_t *value,
                   char *why);

#endif
