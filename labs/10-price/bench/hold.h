// SPDX-License-Identifier: MIT
// hold.h -- what a process holds when it forks; see hold.c.
#pragma once

#include <stddef.h>

// The unit of the amount is in brackets.
enum kind {
    HOLD_SMALL,       // private memory in 4 KiB pages [MB]
    HOLD_HUGE,        // private memory in transparent huge pages [MB]
    HOLD_SHARED,      // shared anonymous memory [MB]
    HOLD_DONTFORK,    // private, MADV_DONTFORK [MB]
    HOLD_WIPEONFORK,  // private, MADV_WIPEONFORK [MB]
    HOLD_SPARSE,      // one page in every 2 MiB [page-table pages]
    HOLD_MAPPINGS,    // mappings of one page, written to [mappings]
    HOLD_EMPTY,       // mappings of one page, never touched [mappings]
    HOLD_THREADS,     // threads that sleep [threads]
    HOLD_FILES,       // open descriptors [descriptors]
    HOLD_KINDS
};

struct kind_info {
    const char *name, *unit, *text;
};
extern const struct kind_info kinds[HOLD_KINDS];

struct held {
    char *base;        // where the memory is, NULL for none
    size_t bytes;
    double huge_mb;    // how much of it came in huge pages
    long mappings;     // of the whole process, as /proc counts them
    long table_kb;     // its page tables
};

// Take and touch `amount` of a kind, for the rest of the process' life.
// Returns 0, or -errno: -ENOTSUP where huge pages were asked for and less than
// nine tenths came.
int hold(struct held *h, enum kind kind, long amount);

// What HOLD_SMALL etc. of this amount take of the machine's memory, in MB.
long hold_mb(enum kind kind, long amount);
