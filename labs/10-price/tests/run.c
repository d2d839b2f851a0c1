// SPDX-License-Identifier: MIT
// run.c -- your price_measure() and price_fit() on this machine, as a table:
// make run-10.  Nothing is graded here.  Book: chapter 10.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "places.h"

enum { SIZES = 8 };

int
main(int argc, char **argv)
{
    static const size_t mb[SIZES] = {0, 1, 4, 16, 64, 16, 64, 64};
    struct price_question q[SIZES];
    struct price_answer a[SIZES];
    struct price_plan plan = {places_core(), 3, argc > 1 ? atoi(argv[1]) : 31};
    if (plan.samples < 1) {
        fputs("usage: make run-10 ARGS=SAMPLES\n", stderr);
        return 2;
    }
    for (int i = 0; i < SIZES; i++)
        q[i] = (struct price_question){mb[i] * 256, i < 5 ? PRICE_SMALL
                                                          : PRICE_HUGE,
                                       PRICE_REAPED};
    q[7].kind = PRICE_SMALL;
    q[7].until = PRICE_CREATED;
    int error = price_measure(places_ops(), &plan, q, SIZES, a);
    places_end();
    if (error) {
        printf("price_measure() failed: %s\n", strerror(-error));
        return 1;
    }
    printf("core time, in microseconds, on core %d, %d samples\n", plan.core,
           plan.samples);
    for (int i = 0; i < SIZES; i++) {
        printf("%4zu MB, %-6s, until %-7s ", mb[i],
               q[i].kind == PRICE_HUGE ? "huge" : "4 KiB",
               q[i].until == PRICE_REAPED ? "reaped" : "created");
        if (a[i].error)
            printf("not here: %s\n", strerror(-a[i].error));
        else
            printf("%8.1f   (half of them between %.1f and %.1f)\n",
                   a[i].median / 1e3, a[i].low / 1e3, a[i].high / 1e3);
    }
    return 0;
}
