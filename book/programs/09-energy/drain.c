// SPDX-License-Identifier: MIT
// drain.c -- a real exploration, and the energy of every mark at the birth of
// every timeline.  Book: chapter 9.
//
//     drain              a table: timeline, global, pool, what each mark owns
//
// A climber: three marks that are soon exhausted, and one, "height", at which
// there is something new now and then.

#include <stdio.h>
#include "split.h"

static struct split *x;

static void
show(void)
{
    struct split_stats s;
    struct split_mark m;

    split_get_stats(x, &s);
    printf("%4d %6d %4d ", (int)s.timelines, (int)s.energy_left,
           (int)s.energy_pool);
    for (size_t i = 0; i < 4; i++)
        printf(" %3d", split_get_mark(x, i, &m) ? (int)m.energy : 0);
    putchar('\n');
    fflush(stdout);
}

static int
climb(void *arg)
{
    int height = 0;
    unsigned depth = split_depth();

    (void)arg;
    for (int step = 0; step < 40; step++) {
        if (split_chance(3))
            height++;
        else if (height > 0 && split_chance(2))
            height--;
        if (step == 3)
            split_reachable("tent");
        if (step == 9)
            split_reachable("hut");
        if (step == 15)
            split_reachable("bridge");
        split_sometimes_gt(height, 100, "height");
        if (split_depth() != depth)
            show();                       // a child, just born
        depth = split_depth();
    }
    return 0;
}

int
main(void)
{
    struct split_config c = split_defaults();

    c.seed = 7;
    c.energy = 150;
    c.max_depth = 6;
    c.is_adaptive = true;
    c.adaptive = (struct split_adaptive){
        .batch = 3, .min = 3, .max = 12, .mark_energy = 25};
    printf("born global pool  marks, in the order of discovery\n");
    fflush(stdout);
    if (!(x = split_open(&c)))
        return 1;
    split_run(x, climb, NULL);
    for (size_t i = 0; i < split_marks(x); i++) {
        struct split_mark m;

        split_get_mark(x, i, &m);
        printf("mark %zu: \"%s\", %d splits, %d timelines\n", i, m.name,
               (int)m.splits, (int)m.timelines);
    }
    split_close(x);
    return 0;
}
