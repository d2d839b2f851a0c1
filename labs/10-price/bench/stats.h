// SPDX-License-Identifier: MIT
// stats.h -- medians and spread; see stats.c.
#pragma once

struct stats {
    int n;
    double min, p25, median, p75;
};

// The value below which the part q (0 to 1) of n >= 1 sorted values lies,
// interpolated between neighbours: the median of 1, 2, 3, 4 is 2.5.
double stats_quantile(const double *sorted, int n, double q);

// Summarise n values; sorts them.  With n = 0 everything is 0.
struct stats stats_of(double *values, int n);

double stats_median(double *values, int n);
