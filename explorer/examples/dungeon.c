// SPDX-License-Identifier: MIT
// dungeon.c -- eight floors, a key on each, monsters, one life.  An example of
// libsplit, for buckets with a quality.
//
// Who arrives on a floor with more health than anybody before has a better
// chance of the next one, so the floor's bucket splits again.  At the bottom
// lies a treasure that nobody is supposed to reach.

#include "example.h"

#define FLOORS 8
#define HEALTH 20
#define STEPS 40

struct hero {
    int floor, health;
    bool has_key;
};

// One step on a floor; false when it was the last one.
static bool
explore(struct hero *h)
{
    switch (split_below(8)) {
    case 0:                                 // a monster: deeper ones bite more
        h->health -= 1 + (int)split_below((uint64_t)h->floor + 2);
        break;
    case 1:                                 // an old bandage
        if (h->health < HEALTH && split_chance(3))
            h->health++;
        break;
    case 2:                                 // something glitters
        if (split_chance(6))
            h->has_key = true;
        break;
    case 3:                                 // a trap
        if (split_chance(8))
            h->health = 0;
        break;
    }
    return h->health > 0;
}

static int
descend(void *arg)
{
    struct hero h = {.health = HEALTH};

    (void)arg;
    while (h.floor < FLOORS) {
        struct split_key floor = {"floor", h.floor};
        struct split_key health = {"health", 0};
        int step = 0;

        h.has_key = false;
        while (!h.has_key && step++ < STEPS)
            if (!explore(&h))
                return 0;
        if (!h.has_key)
            return 0;                       // lost for ever
        health.value = h.health;
        split_sometimes_each("key found", 1, &floor, 1, &health);
        h.floor++;
        split_sometimes_gt(h.floor, FLOORS, "depth of the dungeon");
    }
    split_always(h.floor < FLOORS, "nobody reaches the treasure");
    return 0;
}

int
main(int argc, char **argv)
{
    struct example e = {"dungeon", "eight floors, a key on each, one life",
                        descend, NULL, split_defaults()};

    e.config.max_depth = 100;
    e.config.timelines = 20;
    e.config.seeds = 50;
    e.config.energy = 20000;
    e.config.stop_after = 1;
    return example_main(argc, argv, &e);
}
