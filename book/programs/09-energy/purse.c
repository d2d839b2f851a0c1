// SPDX-License-Identifier: MIT
// purse.c -- three marks, three levels: who pays for which child.
// Book: chapter 9.

#include <stdio.h>
#include "energy.h"
#include "split.h"

static struct energy e;
static struct mark_energy mark[3];

static void
show(const char *what)
{
    printf("%-28s %6d %5d   %3d %3d %3d\n", what, (int)e.global, (int)e.pool,
           (int)mark[0].left, (int)mark[1].left, (int)mark[2].left);
}

static void
take(int m, int times)
{
    static const char *const level[] = {"nobody", "global", "mark", "pool"};
    char what[64];

    while (times-- > 0) {
        snprintf(what, sizeof(what), "a child of mark %d: %s pays", m,
                 level[energy_take(&e, &mark[m])]);
        show(what);
    }
}

int
main(void)
{
    struct split_config c = split_defaults();

    c.is_adaptive = true;
    c.energy = 10;
    c.adaptive.mark_energy = 3;
    printf("%-28s %6s %5s   marks: left\n", "", "global", "pool");
    energy_reset(&e, &c);
    show("a new seed");
    take(0, 1);
    take(1, 4);
    energy_barren(&e, &mark[0]);
    show("mark 0 is barren");
    take(1, 3);
    take(2, 1);
    energy_refund(&e, &mark[2], ENERGY_MARK);
    show("its fork failed");
    return 0;
}
