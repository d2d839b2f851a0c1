// SPDX-License-Identifier: MIT
// buggy.c -- a simulation whose bugs only a sanitizer sees, or only the edges
// of its code lead to.  buggy address|undefined|edges; run by run-sanitizers.

#include <stdlib.h>
#include <string.h>
#include "split.h"

static volatile int limit = 0x7fffffff;

static int
simulate(void *arg)
{
    const char *kind = arg;
    volatile char *room;        // or the compiler drops it all

    split_draw();
    split_reachable("start");
    if (!split_is_child() || !split_chance(3))
        return 0;
    if (!strcmp(kind, "address")) {
        room = malloc(10);
        room[split_below(1) + 10] = 1;
        free((void *)room);
    } else if (!strcmp(kind, "undefined")) {
        limit = limit + 1;
    }
    return 0;
}

// Nothing but code tells one child from another: four branches of one in 16.
static int
branches(void *arg)
{
    volatile int met = 0;

    (void)arg;
    split_draw();
    split_reachable("start");
    switch (split_below(16)) {
    case 3:
        met = 3;
        break;
    case 7:
        met = 7;
        break;
    case 11:
        met = 11;
        break;
    }
    return met - met;
}

int
main(int argc, char **argv)
{
    struct split_config c = split_defaults();
    bool has_edges = argc > 1 && !strcmp(argv[1], "edges");
    struct split *x;
    int n;

    c.timelines = 20;
    if (has_edges) {
        c.is_adaptive = true;
        c.adaptive = (struct split_adaptive){
            .batch = 8, .min = 8, .max = 200, .mark_energy = 200};
    }
    if (argc < 2 || !(x = split_open(&c)))
        return 2;
    n = split_run(x, has_edges ? branches : simulate, argv[1]);
    for (int i = 0; i < n; i++) {
        char *line = split_finding_print(split_finding(x, (size_t)i));

        puts(line);
        free(line);
    }
    split_stats_json(x, stdout);
    split_close(x);
    return 0;
}
