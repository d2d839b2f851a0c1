// SPDX-License-Identifier: MIT
// bench.h -- medians, for the benchmarks of libsplit.
#ifndef BENCH_H
#define BENCH_H

#include <stdlib.h>

static inline int
bench_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static inline double
bench_median(double *v, size_t n)
{
    qsort(v, n, sizeof(*v), bench_compare);
    return v[n / 2];
}

#endif
