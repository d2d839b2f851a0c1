// SPDX-License-Identifier: MIT
// maze.c -- a blind walker in a maze with locked doors.  A libsplit example.
//
// The walker goes in a random direction at each step; three doors open only
// once in a while.  It has too few steps to find the way out by luck, but each
// cell it reaches for the first time is a place to start from.

#include "example.h"

#define STEPS 300
#define DOOR_ONE_IN 12

// '#' wall, 'D' door, 'S' start, 'E' exit.
static const char *const maze[] = {
    "#####################",
    "#S..#.......#.....#.#",
    "###.#.#####.#.###.#.#",
    "#...#.#...#...#.#...#",
    "#.###.#.#.#####.###.#",
    "#.....#.#.....#...#.#",
    "#####D#.#####.###.#.#",
    "#...#...#...#...#.#.#",
    "#.#.#####.#.###.#.#.#",
    "#.#.......#...D.#...#",
    "#.###########.###.###",
    "#...........#.....D.E",
    "#####################",
};

static int
walk(void *arg)
{
    static const int dx[] = {1, 0, -1, 0}, dy[] = {0, 1, 0, -1};
    int x = 1, y = 1;

    (void)arg;
    for (int step = 0; step < STEPS; step++) {
        int way = (int)split_below(4);
        char ahead = maze[y + dy[way]][x + dx[way]];
        struct split_key cell[2];

        split_tick(1);
        if (ahead == '#' || (ahead == 'D' && !split_chance(DOOR_ONE_IN)))
            continue;
        x += dx[way];
        y += dy[way];
        if (ahead == 'E')
            split_bug("the walker got out");
        cell[0] = (struct split_key){"x", x};
        cell[1] = (struct split_key){"y", y};
        split_sometimes_each("cell", 2, cell, 0, NULL);
    }
    return 0;
}

int
main(int argc, char **argv)
{
    struct example e = {"maze", "a blind walker in a maze with locked doors",
                        walk, NULL, split_defaults()};

    e.config.max_depth = 200;
    e.config.timelines = 10;
    e.config.seeds = 50;
    e.config.energy = 20000;
    e.config.stop_after = 1;
    return example_main(argc, argv, &e);
}
