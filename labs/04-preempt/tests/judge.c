// SPDX-License-Identifier: MIT
// judge.c -- the judge of lab 4.  Part A: diagnosis.txt, against what a machine
// shows that is built as the challenge says, with a kernel of ours in which
// every tick preempts.  Part B: each test is one boot of the kernel with the
// submission's preempt.c; see kernel/lab/kjudge.h.  Book: chapter 4.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "challenge.h"
#include "kjudge.h"
#include "lab-offsets.h"

#define LIMIT_MS 12000
#define PIT_HZ 1193182
#define TSC_PER_US 1000.0       // by -icount
#define CHILD 3                 // fork-test's, when init starts fork-test
#define PARENT 2
#define VEC_TIMER 32
#define EVENTS 2048

// ---------------------------------------------------------------- part A

// What a machine does, as its trace shows it.
struct measured {
    double dispatch_us;     // of the child, from tick to IRETQ
    double waiting;         // in the controller, just before that
    double vector;          // that came next
    bool child_stuck, parent_stuck;
};

static void
diagnosed(struct judge *j, bool ok, const struct diagnosis *d)
{
    if (!ok)
        judge_fail(j, JUDGE_WRONG, "a diagnosis.txt that can be read, with a "
                   "value for this", "%s", d->error);
}

static struct challenge
challenged(struct judge *j, struct diagnosis *d)
{
    diagnosed(j, diagnosis_read(d, judge_built(j, "diagnosis.txt"))
                 && diagnosis_has(d, KEY_CHALLENGE), d);
    judge_input(j, "the challenge of \"%s\"", d->value[KEY_CHALLENGE]);
    return challenge_of(d->value[KEY_CHALLENGE]);
}

// Has this process, at nearly all its turns, left user mode by the timer where
// it came in, at once?  Not at all of them: it may have got somewhere before the
// two were two, and once in a thousand QEMU's timer leaves out a tick.
static bool
stuck(const struct kernel_event *e, size_t n, unsigned pid)
{
    int turns = 0, lost = 0;
    for (size_t i = 1; i < n; i++) {
        if (e[i].kind != EVENT_ENTER || e[i].pid != pid
            || e[i].arg != VEC_TIMER)
            continue;
        turns++;
        lost += e[i - 1].kind == EVENT_RETURN && e[i - 1].rip == e[i].rip
                && (double)(e[i].tsc - e[i - 1].tsc) <= 10 * TSC_PER_US;
    }
    return turns > 8 && lost * 4 > turns * 3;
}

static int
compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double
median(double *values, size_t n)
{
    qsort(values, n, sizeof(values[0]), compare_doubles);
    return values[n / 2];
}

static struct measured
measure(struct judge *j, const struct challenge *c, const char *flush)
{
    static struct kernel_event e[EVENTS];
    char options[200], text[400];
    challenge_options(c, 0, flush, options, sizeof(options));
    snprintf(text, sizeof(text), "%s trace=on trace-calls=off limit=1500 -- /bin/fork-test "
             "100000000", options);
    size_t n = kernel_trace(j, "always.elf", "archive.cpio", text, e, EVENTS);
    struct measured m = { 0 };
    double took[EVENTS], waiting[EVENTS], vector[EVENTS];
    size_t count = 0;
    uint64_t tick = 0;
    bool switching = false;
    for (size_t i = 0; i + 1 < n; i++) {
        if (e[i].kind == EVENT_ENTER && e[i].arg == VEC_TIMER) {
            tick = e[i].tsc;
            switching = false;
        }
        switching |= e[i].kind == EVENT_SWITCH && e[i].pid == CHILD;
        if (e[i].kind == EVENT_RETURN && e[i].pid == CHILD && switching) {
            took[count] = (double)(e[i].tsc - tick) / TSC_PER_US;
            waiting[count] = (double)e[i].arg;
            vector[count++] = (double)e[i + 1].arg;
            switching = false;
        }
    }
    if (count < 3)
        judge_fail(j, JUDGE_BROKEN, "dispatches of the child in the judge's "
                   "own run", "%zu", count);
    m.dispatch_us = median(took, count);
    m.waiting = median(waiting, count);
    m.vector = median(vector, count);
    m.child_stuck = stuck(e, n, CHILD);
    m.parent_stuck = stuck(e, n, PARENT);
    return m;
}

static double
number(struct judge *j, struct diagnosis *d, int key)
{
    double value = 0;
    diagnosed(j, diagnosis_number(d, key, &value), d);
    return value;
}

// Right within `percent`, or within `by`.
static void
near(struct judge *j, const char *what, double right, double percent,
     double by, double got)
{
    double slack = right * percent / 100;
    if (slack < by)
        slack = by;
    judge_true(j, got >= right - slack && got <= right + slack,
               "a value that agrees with what the judge measures",
               "%s = %.2f, which is %s", what, got,
               got > right ? got > 2 * right + by ? "far too large"
                                                  : "too large"
               : got < right / 2 - by ? "far too small" : "too small");
}

static void
dispatch(struct judge *j)
{
    struct diagnosis d;
    struct challenge c = challenged(j, &d);
    double got = number(j, &d, KEY_DISPATCH);
    near(j, "dispatch_us", measure(j, &c, NULL).dispatch_us, 1.5, 20, got);
}

static double
period_us(int hz)
{
    return (double)(PIT_HZ / hz) * 1e6 / PIT_HZ;
}

static void
period(struct judge *j)
{
    struct diagnosis d;
    struct challenge c = challenged(j, &d);
    near(j, "period_us", period_us(c.hz), 0.5, 20, number(j, &d, KEY_PERIOD));
}

static void
flush(struct judge *j)
{
    struct diagnosis d;
    struct challenge c = challenged(j, &d);
    double got = number(j, &d, KEY_FLUSH);
    double with = measure(j, &c, NULL).dispatch_us;
    near(j, "flush_us", with - measure(j, &c, "cr3").dispatch_us, 10, 5, got);
}

static void
edge(struct judge *j)
{
    struct diagnosis d;
    struct challenge c = challenged(j, &d);
    double got = number(j, &d, KEY_TIPS);
    judge_true(j, got >= 1 && got <= 10000 && got == (int)got,
               "tips_at_hz: a whole number from 1 to 10000", "%g", got);
    double us = measure(j, &c, NULL).dispatch_us;
    // Half a percent of doubt on either side.
    judge_true(j, period_us((int)got) < us * 1.005,
               "a rate at which the child makes no progress",
               "at %d Hz it still does", (int)got);
    judge_true(j, got == 1 || period_us((int)got - 1) > us * 0.995,
               "the lowest such rate", "at %d Hz there is none either",
               (int)got - 1);
}

static void
pending(struct judge *j)
{
    struct diagnosis d;
    struct challenge c = challenged(j, &d);
    double irr = number(j, &d, KEY_IRR), vector = number(j, &d, KEY_VECTOR);
    struct measured m = measure(j, &c, NULL);
    judge_true(j, irr == m.waiting, "irr: the request register as it is just "
               "before the IRETQ to the child", "%s", d.value[KEY_IRR]);
    judge_true(j, vector == m.vector, "vector: the one that comes right after "
               "that IRETQ", "%s (a number without 0x is decimal)",
               d.value[KEY_VECTOR]);
}

static void
cause(struct judge *j)
{
    struct diagnosis d;
    struct challenge c = challenged(j, &d);
    diagnosed(j, diagnosis_has(&d, KEY_STUCK)
                 && diagnosis_has(&d, KEY_HYPOTHESIS), &d);
    const char *who = d.value[KEY_STUCK], *what = d.value[KEY_HYPOTHESIS];
    judge_true(j, strcmp(who, "child") == 0 || strcmp(who, "both") == 0,
               "stuck: child or both", "\"%s\"", who);
    judge_true(j, strlen(what) == 1 && strchr("ABCD", what[0]) != NULL,
               "hypothesis: A, B, C or D", "\"%s\"", what);
    struct measured m = measure(j, &c, NULL);
    judge_true(j, m.child_stuck
                  && m.parent_stuck == (strcmp(who, "both") == 0),
               "who makes no progress in the judge's run", "\"%s\"", who);
    judge_true(j, what[0] == 'B', "the hypothesis that your other answers "
               "leave", "\"%s\"", what);
}

// ---------------------------------------------------------------- part B

#define TEST(function, name) \
    static void \
    function(struct judge *j) \
    { \
        kernel_test_within(j, name, "hz=100", LIMIT_MS); \
    }

TEST(moves, "moves")
TEST(rates, "rates")
TEST(paths, "paths")
TEST(resonance, "resonance")
TEST(first_run, "first-run")
TEST(one_slow, "one-slow")
TEST(hog, "hog")
TEST(eight, "eight")
TEST(newborn, "newborn")
TEST(handover, "handover")
TEST(sleepers, "sleepers")
TEST(wall_clock, "clock")
TEST(healthy, "healthy")

static void
bochs(struct judge *j)
{
    static const char *const needed[] = {
        "/usr/bin/bochs", "/usr/bin/grub-mkrescue", "/usr/bin/xorriso",
        "/usr/share/bochs/BIOS-bochs-latest",
        "/usr/share/bochs/VGABIOS-lgpl-latest",
    };
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
        if (access(needed[i], R_OK) < 0)
            judge_skip(j, "this machine has no Bochs (%s is missing); make "
                       "doctor says how to get it", needed[i]);
    kernel_test_bochs(j, "bochs", "hz=100");
}

static const struct judge_test tests[] = {
    { "dispatch", dispatch }, { "period", period }, { "flush", flush },
    { "edge", edge }, { "pending", pending }, { "cause", cause },
    { "moves", moves }, { "rates", rates }, { "paths", paths },
    { "resonance", resonance }, { "first-run", first_run },
    { "one-slow", one_slow }, { "hog", hog }, { "eight", eight },
    { "newborn", newborn }, { "handover", handover },
    { "sleepers", sleepers }, { "clock", wall_clock },
    { "healthy", healthy }, { "bochs", bochs },
};

int
main(int argc, char **argv)
{
    JUDGE_MAIN(argc, argv, tests);
}
