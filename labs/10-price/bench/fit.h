// SPDX-License-Identifier: MIT
// fit.h -- a linear model by weighted least squares; see fit.c.
#pragma once

enum { FIT_TERMS = 7 };

struct fit {
    int terms, n;
    double coef[FIT_TERMS];
    double error[FIT_TERMS];  // standard errors of the coefficients
    double r2;                // the part of the variance of y that it explains
};

// Find coef so that the sum over i of (weight[i] * (y[i] - x[i] . coef))^2 is
// least.  x has n lines of `terms` numbers.  r2 is the plain one: 1 minus the
// squared residuals over the squared distances from the mean of y, without
// weights; below 0 where the model is worse than that mean.
// Returns 0; -EINVAL where terms is not 1 to FIT_TERMS or n <= terms; -EDOM
// where the data cannot tell two terms apart.
int fit_solve(struct fit *f, const double *x, const double *y,
              const double *weight, int n, int terms);

double fit_predict(const struct fit *f, const double *x);
