// SPDX-License-Identifier: MIT
// replay.c -- following a recipe, in a process of its own or under a debugger,
// and shrinking it.  Called by the host.  Book: chapter 7.

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>
#include "child.h"
#include "report.h"
#include "rng.h"

#define EXHAUSTIVE 12               // steps of which every subset is tried

// Debuggers stop here; nothing else happens.
__attribute__((noinline)) void
split_replaying(uint64_t count, uint64_t seed)
{
    __asm__ volatile("" : : "r"(count), "r"(seed) : "memory");
}

__attribute__((noinline)) void
split_arrived(void)
{
    __asm__ volatile("" : : : "memory");
}

// Whether the recipe can be of this program.
static int
check_name(struct split *x, const struct split_recipe *r)
{
    const char *mine = x->world->config.name;

    if (r->name && mine && strcmp(r->name, mine))
        return fail(x, -EXDEV, "recipe, column 1: it is of the program '%s', "
                    "this is '%s'", r->name, mine);
    return 0;
}

static int
follow(struct split *x, struct slot *s, const struct split_recipe *r,
       split_sim *sim, void *arg)
{
    struct world *w = x->world;
    int code;

    world_enter(w);
    self.slot = s;
    self.mode = MODE_REPLAY;
    self.next = r->step;
    self.end = r->step + r->len;
    w->root_seed = r->has_seed ? r->seed : w->config.seed;
    rng_reseed(w->root_seed);
    rng_set_alarm();
    if (r->len == 0)
        split_arrived();
    code = sim(arg);
    return code;
}

int
split_replay_here(struct split *x, const struct split_recipe *r,
                  split_sim *sim, void *arg)
{
    int e = check_name(x, r), code;

    if (e)
        return e;
    code = follow(x, NULL, r, sim, arg);
    self = (struct self){0};
    return code;
}

// In the process that replays.  How far it came is in the slot's prefix_len.
static void
replay_main(struct split *x, const struct split_recipe *r, split_sim *sim,
            void *arg, struct slot *s, int host)
{
    int code;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != host)
        _exit(1);
    report_install(x->world);
    child_catch_exit();
    code = follow(x, s, r, sim, arg);
    timeline_end(code ? SPLIT_EXIT : SPLIT_FINE, code, NULL);
}

static int
replay(struct split *x, const struct split_recipe *r, split_sim *sim,
       void *arg, enum split_death *death, int *code, size_t *taken)
{
    struct world *w = x->world;
    struct slot *s = slot_take_waiting(w);
    int host = getpid();
    pid_t pid;

    s->parent = NULL;
    s->is_said = false;
    s->is_recorded = true;          // a replay is no new finding
    s->has_turn = 1;
    s->death = SPLIT_FINE;
    s->prefix_len = 0;
    s->waits_since = s->waited_ns = 0;
    s->born_ns = now_ns();
    world_enter(w);
    children_expected(true);
    pid = split_system.fork();
    if (pid == 0)
        replay_main(x, r, sim, arg, s, host);
    if (pid > 0) {
        s->pid = pid;
        child_settle_replay(s, death, code);
        *taken = s->prefix_len;
    } else {
        fail(x, 0, "fork: %s", strerror(errno));
    }
    children_expected(false);
    slot_free(w, s);
    self = (struct self){0};
    return pid < 0 ? -EAGAIN : 0;
}

int
split_replay(struct split *x, const struct split_recipe *r, split_sim *sim,
             void *arg, enum split_death *death, int *code)
{
    size_t taken = 0;
    int e = check_name(x, r);

    if (e || (e = replay(x, r, sim, arg, death, code, &taken)))
        return e;
    if (taken < r->len)
        return fail(x, -EXDEV, "step %zu of %zu, %" PRIu64 "@%" PRIu64
                    ", was not reached: the timeline ended before (%s %d); "
                    "the recipe is of another program, version or root seed",
                    taken + 1, r->len, r->step[taken].count,
                    r->step[taken].seed, split_death_name(*death), *code);
    return 0;
}

// ---- shrinking -------------------------------------------------------------

// `r` without the steps whose bits are not in `keep`.  A step's count is
// relative to the step before it: those of dropped ones are carried over.
static struct split_recipe
subset(const struct split_recipe *r, const bool *keep, struct split_step *room)
{
    struct split_recipe part = *r;
    uint64_t carried = 0;

    part.len = 0;
    part.step = room;
    for (size_t i = 0; i < r->len; i++) {
        carried += r->step[i].count;
        if (!keep[i])
            continue;
        room[part.len].count = carried;
        room[part.len++].seed = r->step[i].seed;
        carried = 0;
    }
    return part;
}

struct shrinking {
    struct split *x;
    split_sim *sim;
    void *arg;
    enum split_death death;
    int code;
};

static bool
fails_alike(const struct shrinking *k, const struct split_recipe *r)
{
    enum split_death death;
    size_t taken = 0;
    int code;

    return replay(k->x, r, k->sim, k->arg, &death, &code, &taken) == 0 &&
           taken == r->len && death == k->death && code == k->code;
}

// Every subset, the smallest first.
static bool
shrink_all(const struct shrinking *k, struct split_recipe *r,
           struct split_step *room)
{
    bool keep[EXHAUSTIVE];

    for (size_t size = 0; size < r->len; size++)
        for (unsigned bits = 0; bits < 1u << r->len; bits++) {
            struct split_recipe part;

            if ((size_t)__builtin_popcount(bits) != size)
                continue;
            for (size_t i = 0; i < r->len; i++)
                keep[i] = bits >> i & 1;
            part = subset(r, keep, room);
            if (fails_alike(k, &part)) {
                memcpy(r->step, part.step, part.len * sizeof(*part.step));
                r->len = part.len;
                return true;
            }
        }
    return false;
}

// One step less, for as long as that is possible.
static bool
shrink_one(const struct shrinking *k, struct split_recipe *r,
           struct split_step *room, bool *keep)
{
    for (size_t drop = 0; drop < r->len; drop++) {
        struct split_recipe part;

        for (size_t i = 0; i < r->len; i++)
            keep[i] = i != drop;
        part = subset(r, keep, room);
        if (fails_alike(k, &part)) {
            memcpy(r->step, part.step, part.len * sizeof(*part.step));
            r->len = part.len;
            return true;
        }
    }
    return false;
}

int
split_shrink(struct split *x, struct split_recipe *r, split_sim *sim,
             void *arg)
{
    struct shrinking k = {.x = x, .sim = sim, .arg = arg};
    struct split_step *room = calloc(r->len + 1, sizeof(*room));
    bool *keep = calloc(r->len + 1, sizeof(*keep));
    int e = split_replay(x, r, sim, arg, &k.death, &k.code);

    if (!room || !keep)
        e = fail(x, -ENOMEM, "no memory to shrink a recipe of %zu steps",
                 r->len);
    else if (!e && k.death == SPLIT_FINE)
        e = fail(x, -EINVAL, "the recipe does not fail: there is nothing to "
                 "shrink");
    if (!e) {
        while (r->len > EXHAUSTIVE && shrink_one(&k, r, room, keep))
            ;
        if (r->len <= EXHAUSTIVE)
            shrink_all(&k, r, room);
        e = (int)r->len;
    }
    free(room);
    free(keep);
    return e;
}
