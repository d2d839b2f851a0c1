// SPDX-License-Identifier: MIT
// quartiles.h -- what chain.c and decoys.c print of their experiments.
#ifndef QUARTILES_H
#define QUARTILES_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static inline int
compare_numbers(const void *a, const void *b)
{
    uint64_t p = *(const uint64_t *)a, q = *(const uint64_t *)b;

    return p < q ? -1 : p > q;
}

// Sorts v; prints its median, and its quartiles.
static inline void
print_quartiles(uint64_t *v, size_t n)
{
    qsort(v, n, sizeof(*v), compare_numbers);
    printf("%8" PRIu64 "   %" PRIu64 " to %" PRIu64 "\n", v[n / 2], v[n / 4],
           v[3 * n / 4]);
}

#endif
