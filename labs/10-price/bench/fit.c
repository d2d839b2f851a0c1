// SPDX-License-Identifier: MIT
// fit.c -- a linear model by weighted least squares; used by model.c.
// Book: chapter 10.
#include "fit.h"

#include <errno.h>
#include <math.h>
#include <string.h>

// The normal equations, with the columns of x scaled to length 1 (pages count
// in 100,000s, mappings in tens), and the unit matrix beside them.
struct normal {
    double a[FIT_TERMS][2 * FIT_TERMS];
    double b[FIT_TERMS];
    double scale[FIT_TERMS];
};

static int
set_up(struct normal *m, const double *x, const double *y, const double *w,
       int n, int k)
{
    memset(m, 0, sizeof *m);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < k; j++)
            m->scale[j] += pow(w[i] * x[i * k + j], 2);
    for (int j = 0; j < k; j++) {
        if (m->scale[j] <= 0)
            return -EDOM;
        m->scale[j] = 1 / sqrt(m->scale[j]);
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < k; j++) {
            double xj = w[i] * x[i * k + j] * m->scale[j];
            m->b[j] += xj * w[i] * y[i];
            for (int l = 0; l < k; l++)
                m->a[j][l] += xj * w[i] * x[i * k + l] * m->scale[l];
        }
    for (int j = 0; j < k; j++)
        m->a[j][k + j] = 1;
    return 0;
}

// Gauss and Jordan, with pivots: afterwards b is the solution, and the right
// half of a the inverse.
static int
eliminate(struct normal *m, int k)
{
    for (int c = 0; c < k; c++) {
        int best = c;
        for (int r = c + 1; r < k; r++)
            if (fabs(m->a[r][c]) > fabs(m->a[best][c]))
                best = r;
        // Scaled, the diagonal began as 1: what is left of it is the part
        // that the other terms do not already say.
        if (fabs(m->a[best][c]) < 1e-10)
            return -EDOM;
        for (int l = 0; l < 2 * k; l++) {
            double t = m->a[c][l];
            m->a[c][l] = m->a[best][l];
            m->a[best][l] = t;
        }
        double t = m->b[c];
        m->b[c] = m->b[best];
        m->b[best] = t;
        double pivot = m->a[c][c];
        for (int l = 0; l < 2 * k; l++)
            m->a[c][l] /= pivot;
        m->b[c] /= pivot;
        for (int r = 0; r < k; r++) {
            double times = m->a[r][c];
            if (r == c || times == 0)
                continue;
            for (int l = 0; l < 2 * k; l++)
                m->a[r][l] -= times * m->a[c][l];
            m->b[r] -= times * m->b[c];
        }
    }
    return 0;
}

double
fit_predict(const struct fit *f, const double *x)
{
    double y = 0;
    for (int j = 0; j < f->terms; j++)
        y += f->coef[j] * x[j];
    return y;
}

int
fit_solve(struct fit *f, const double *x, const double *y,
          const double *weight, int n, int terms)
{
    struct normal m;
    memset(f, 0, sizeof *f);
    if (terms < 1 || terms > FIT_TERMS || n <= terms)
        return -EINVAL;
    f->terms = terms;
    f->n = n;
    if (set_up(&m, x, y, weight, n, terms) < 0 || eliminate(&m, terms) < 0)
        return -EDOM;
    for (int j = 0; j < terms; j++)
        f->coef[j] = m.b[j] * m.scale[j];

    double mean = 0, left = 0, all = 0, weighted = 0;
    for (int i = 0; i < n; i++)
        mean += y[i] / n;
    for (int i = 0; i < n; i++) {
        double r = y[i] - fit_predict(f, x + i * terms);
        left += r * r;
        weighted += pow(weight[i] * r, 2);
        all += pow(y[i] - mean, 2);
    }
    f->r2 = all > 0 ? 1 - left / all : 0;
    for (int j = 0; j < terms; j++)
        f->error[j] = m.scale[j] *
                      sqrt(weighted / (n - terms) * m.a[j][terms + j]);
    return 0;
}
