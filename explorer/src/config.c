// SPDX-License-Identifier: MIT
// config.c -- checking a configuration, opening and closing an exploration.
// Called by the host.  Book: chapter 7.

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_DEPTH 10000
#define MOST_PROCESSES 10000

static struct split opening;        // holds the error of split_open()

struct split_config
split_defaults(void)
{
    return (struct split_config){
        .seed = 1,
        .seeds = 1,
        .max_depth = 3,
        .timelines = 4,
        .energy = 1000,
        .adaptive = {.batch = 4, .min = 4, .max = 20, .mark_energy = 15},
        .width = SPLIT_SEQUENTIAL,
        .shared_mb = 256,
        .fork_tries = 8,
        .stats_fd = -1,
        .progress_fd = -1,
    };
}

static unsigned
cores_wanted(const struct split_config *c)
{
    long have = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned cores = have > 0 ? (unsigned)have : 1;

    switch (c->width) {
    case SPLIT_HALF_CORES:
        return cores > 1 ? cores / 2 : 1;
    case SPLIT_CORES_MINUS:
        return cores > c->width_n ? cores - c->width_n : 1;
    default:
        return cores;
    }
}

// A timeline that waits for its children needs a slot too, hence the depth.
int
config_slots(const struct split_config *c)
{
    if (c->width == SPLIT_SEQUENTIAL)
        return (int)c->max_depth + 1;
    if (c->width == SPLIT_PROCESSES)
        return (int)c->width_n;
    return (int)(cores_wanted(c) + c->max_depth);
}

static int
check_adaptive(const struct split_adaptive *a)
{
    struct split *x = &opening;

    if (a->batch == 0)
        return fail(x, -EINVAL, "adaptive.batch is 0: a batch has at least 1 "
                    "timeline");
    if (a->max < a->min)
        return fail(x, -EINVAL, "adaptive.max is %u, less than adaptive.min, "
                    "which is %u", a->max, a->min);
    if (a->max == 0)
        return fail(x, -EINVAL, "adaptive.max is 0: no split could ever have "
                    "a timeline; for none set max_depth to 0");
    if (a->mark_energy < 0)
        return fail(x, -EINVAL, "adaptive.mark_energy is %lld: it may not be "
                    "negative", (long long)a->mark_energy);
    return 0;
}

static int
check(const struct split_config *c)
{
    struct split *x = &opening;

    if (c->seeds == 0)
        return fail(x, -EINVAL, "seeds is 0: at least 1 root timeline runs");
    if (c->max_depth > MOST_DEPTH)
        return fail(x, -EINVAL, "max_depth is %u, more than %d", c->max_depth,
                    MOST_DEPTH);
    if (c->energy < 0)
        return fail(x, -EINVAL, "energy is %lld: it may not be negative",
                    (long long)c->energy);
    if (!c->is_adaptive && c->max_depth && c->timelines == 0)
        return fail(x, -EINVAL, "timelines is 0: a split has at least 1; for "
                    "none set max_depth to 0");
    if (c->width < SPLIT_SEQUENTIAL || c->width > SPLIT_CORES_MINUS)
        return fail(x, -EINVAL, "width is %d, which is no enum split_width",
                    (int)c->width);
    if (c->width == SPLIT_PROCESSES &&
        (c->width_n == 0 || c->width_n > MOST_PROCESSES))
        return fail(x, -EINVAL, "width_n is %u: SPLIT_PROCESSES needs 1 to %d "
                    "processes", c->width_n, MOST_PROCESSES);
    if (c->shared_mb == 0 || c->shared_mb > SIZE_MAX >> 24)
        return fail(x, -EINVAL, "shared_mb is %zu: marks and findings need at "
                    "least 1 MB, and 2^40 is too much", c->shared_mb);
    if (c->fork_tries == 0)
        return fail(x, -EINVAL, "fork_tries is 0: a fork is tried at least "
                    "once");
    return c->is_adaptive ? check_adaptive(&c->adaptive) : 0;
}

struct split *
split_open(const struct split_config *config)
{
    struct split *x;

    opening.error[0] = '\0';
    if ((errno = -check(config)))
        return NULL;
    if (!(x = calloc(1, sizeof(*x)))) {
        fail(&opening, 0, "no memory for an exploration");
        return NULL;
    }
    x->world = world_new(config, config_slots(config));
    if (!x->world) {
        fail(&opening, 0, "no %zu MB of shared memory: %s; make shared_mb "
             "smaller", config->shared_mb, strerror(errno));
        free(x);
        return NULL;
    }
    x->world->is_parallel = config->width != SPLIT_SEQUENTIAL;
    return x;
}

void
split_close(struct split *x)
{
    if (!x)
        return;
    world_free(x->world);
    free(x);
}

const char *
split_error(const struct split *x)
{
    return x ? x->error : opening.error;
}
