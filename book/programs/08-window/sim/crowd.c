// SPDX-License-Identifier: MIT
// crowd.c -- how many timelines live at once?  Every timeline splits, down to a
// depth; those at the bottom wait until all that can be born have been.
// Built twice: with libsplit, and with the model of the original.
// Book: chapter 8.
//
//     crowd WIDTH DEPTH [wait]
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "split.h"

static struct {
    _Atomic unsigned alive, peak, all;
} *crowd;
static unsigned depth, expected;

static void
come(void)
{
    unsigned now = atomic_fetch_add(&crowd->alive, 1) + 1;
    unsigned peak = atomic_load(&crowd->peak);

    atomic_fetch_add(&crowd->all, 1);
    while (now > peak &&
           !atomic_compare_exchange_weak(&crowd->peak, &peak, now))
        ;
}

static int
sim(void *arg)
{
    uint64_t me = split_seed();
    char mark[32];

    (void)arg;
    for (unsigned level = 0; level < depth; level++) {
        snprintf(mark, sizeof(mark), "%" PRIx64, split_seed());
        split_draw();
        split_reachable(mark);
        if (split_seed() == me)
            break;                  // my children are done
        me = split_seed();
        come();
    }
    while (split_depth() == depth && atomic_load(&crowd->all) < expected)
        usleep(1000);
    if (split_is_child()) {
        atomic_fetch_sub(&crowd->alive, 1);
        split_end(0);
    }
    return 0;
}

int
main(int argc, char **argv)
{
    struct split_config c = split_defaults();
    unsigned width = argc > 2 ? (unsigned)atoi(argv[1]) : 2, row = 1;
    struct split_stats s = {0};
    struct split *x;

    depth = argc > 2 ? (unsigned)atoi(argv[2]) : 1;
    crowd = mmap(NULL, sizeof(*crowd), PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    c.max_depth = depth;
    c.timelines = width;
    c.energy = 10000;
    c.width = SPLIT_PROCESSES;
    c.width_n = width;
    for (unsigned i = 0; i < depth && argc > 3; i++)
        expected += row *= width;
    x = split_open(&c);
    if (!x || crowd == MAP_FAILED)
        return 1;
    split_run(x, sim, NULL);
    split_get_stats(x, &s);
    // libsplit counts for itself, the root too; what it evicts cannot.
    if (s.live_bound)
        printf("W = %u, depth %u: %" PRIu64 " timelines, at most %" PRIu64
               " of them at once\n", width, depth, s.timelines, s.live_peak);
    else
        printf("W = %u, depth %u: %u timelines, %u of them at once\n",
               width, depth, crowd->all + 1, crowd->peak + 1);
    split_close(x);
    return 0;
}
