// SPDX-License-Identifier: MIT
// draws.c -- the first draws of the children of one split, of 100, in the order
// of their births; and those of independent seeds.  Then, over 2000 splits: how
// often do n children meet an event of chance 1/n?  Chapter 7.
#include <stdio.h>
#include "split.h"

// The generator of libsplit: the draw number `n` of a seed, from 1 on.
static uint64_t
draw_of(uint64_t seed, uint64_t n)
{
    uint64_t z = seed + n * UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static double
percent(uint64_t draw)
{
    return (double)(draw >> 11) / (double)(UINT64_C(1) << 53) * 100;
}

int
main(void)
{
    printf("child  evenly  independently\n");
    for (uint64_t i = 0; i < 16; i++)
        printf("%5d  %6.1f  %13.1f\n", (int)i,
               percent(draw_of(split_child_seed(1, "door", i), 1)),
               percent(draw_of(7, i + 1)));
    printf("children  met evenly  independently\n");
    for (unsigned n = 10; n <= 40; n *= 2) {
        unsigned even = 0, free = 0;

        for (uint64_t parent = 0; parent < 2000; parent++) {
            int met[2] = {0, 0};

            for (uint64_t i = 0; i < n; i++) {
                uint64_t seed = split_child_seed(parent, "door", i);

                met[0] |= percent(draw_of(seed, 1)) * n < 100;
                met[1] |= percent(draw_of(draw_of(parent, 9), i + 1)) * n < 100;
            }
            even += met[0] != 0;
            free += met[1] != 0;
        }
        printf("%8u  %9.1f%%  %12.1f%%\n", n, even / 20.0, free / 20.0);
    }
    return 0;
}
