// SPDX-License-Identifier: MIT
// sched.c -- a preemptive scheduler, and the child that never ran.  A libsplit
// example.  Book: chapter 4 tells the story, chapter 9 finds it by itself.
//
// Time is in microseconds.  A timer ticks every T.  The handler always
// preempts: it logs a few lines on a slow console and switches to the other
// thread, with interrupts off, which takes D.  A tick that comes meanwhile is
// latched, and taken at the instant interrupts are on again: before the
// thread's first instruction.  If D > T, no thread ever runs.  How much is
// logged depends on what goes on; each draw decides about one reason to log
// more.

#include <inttypes.h>
#include "example.h"

#define PERIOD_US 20000          // T: 50 Hz
#define CHARACTER_US 87          // a character at 115200 baud
#define LINE 40                  // characters
#define TICKS 120
#define PATIENCE 12              // dispatches without a thread's progress

struct machine {
    int64_t now, next_tick;
    int verbosity;               // 0 to 6: lines logged per dispatch
    int64_t progress[2];
    int since_progress[2];
    int current;
};

// How much the kernel has to say can change at any dispatch: somebody raises
// the log level, a debug build, a device that complains, and back.
static void
maybe_log_more(struct machine *m)
{
    if (split_chance(12) && m->verbosity < 6) {
        m->verbosity++;
        split_sometimes_gt(m->verbosity, 5, "verbosity");
    } else if (split_chance(4) && m->verbosity > 0) {
        m->verbosity--;
    }
}

// The handler: interrupts are off until it is over.
static void
dispatch(struct machine *m)
{
    int64_t begin = m->now, cost = 60;

    maybe_log_more(m);
    cost += (int64_t)m->verbosity * LINE * CHARACTER_US;
    cost += (int64_t)split_below(2000);          // page tables, cache misses
    m->current = !m->current;
    m->now += cost;
    split_sometimes_gt(m->now - begin, PERIOD_US, "dispatch time D beyond T");
}

static int
run(void *arg)
{
    struct machine m = {.next_tick = PERIOD_US};

    (void)arg;
    for (int tick = 0; tick < TICKS; tick++) {
        int64_t *progress = &m.progress[m.current];

        split_tick(1);
        if (m.now < m.next_tick) {               // not latched: the thread runs
            *progress += m.next_tick - m.now;
            m.now = m.next_tick;
            m.since_progress[m.current] = 0;
        } else {
            split_reachable("a tick was pending at the return to user mode");
            m.since_progress[m.current]++;
            split_sometimes_gt(m.since_progress[m.current], PATIENCE,
                               "dispatches without progress");
        }
        split_always(m.since_progress[m.current] < PATIENCE,
                     "a thread that is dispatched runs (live-lock)");
        // Latched or not, this tick is taken; the timer went on meanwhile.
        while (m.next_tick <= m.now)
            m.next_tick += PERIOD_US;
        dispatch(&m);
    }
    return 0;
}

int
main(int argc, char **argv)
{
    struct example e = {"sched", "a scheduler whose tick preempts a thread "
                        "before it ran", run, NULL, split_defaults()};

    e.config.max_depth = 100;
    e.config.timelines = 12;
    e.config.energy = 5000;
    e.config.seeds = 50;
    e.config.stop_after = 1;
    return example_main(argc, argv, &e);
}
