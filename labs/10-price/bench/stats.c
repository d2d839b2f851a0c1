// SPDX-License-Identifier: MIT
// stats.c -- medians and spread; used by rounds.c and out.c.  Book: chapter 10.
//
// No means: one sample that a neighbour interrupted for 3 ms would move the
// mean of fifty forks by 60 us, which is what a small fork costs.
#include "stats.h"

#include <stdlib.h>

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double
stats_quantile(const double *sorted, int n, double q)
{
    double at = q * (n - 1);
    int low = (int)at;
    if (low >= n - 1)
        return sorted[n - 1];
    return sorted[low] + (at - low) * (sorted[low + 1] - sorted[low]);
}

struct stats
stats_of(double *values, int n)
{
    struct stats s = {.n = n};
    if (n == 0)
        return s;
    qsort(values, (size_t)n, sizeof *values, by_value);
    s.min = values[0];
    s.p25 = stats_quantile(values, n, 0.25);
    s.median = stats_quantile(values, n, 0.5);
    s.p75 = stats_quantile(values, n, 0.75);
    return s;
}

double
stats_median(double *values, int n)
{
    return stats_of(values, n).median;
}
