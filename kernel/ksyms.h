// SPDX-License-Identifier: MIT
// ksyms.h -- the kernel's own symbols, for backtraces.  The table is made by
// link.sh from a first link of the image.
#ifndef KSYMS_H
#define KSYMS_H

#include "base.h"

struct ksym {
    uint64_t address;
    const char *name;
};
extern const struct ksym ksyms[];
extern const uint64_t ksyms_count;

// The function that `address` is in and how far; "?" if it is in none.
const char *ksym_name(uint64_t address, uint64_t *offset);

// Log who called whom, from frame pointer rbp upwards.
void backtrace(uint64_t rbp);

#endif
