// SPDX-License-Identifier: MIT
// guest.c -- the program of lab 4, run in the machine as init: processes that
// work, on a timer and with dispatches of a length that each test chooses, and
// what every one of them has got done.  Progress is work, counted by whoever
// does it; nobody looks at an instruction pointer.
//
// init itself is never slow to dispatch (path: children that were forked), so
// that there is always somebody to say what is wrong with the others.
#include "guest.h"

#define PIT_HZ 1193182L
#define SPINNERS 8
#define UNIT_TURNS 100      // of the loop that is one unit of work

#define ALL 0               // PROBE_PATH's arg2
#define FORKED 1

struct spinner {
    volatile long work;             // in units
    volatile uint64_t chain;        // seed + work * GAMMA, if work is true
    volatile long turns;
    volatile long longest_away, shortest_away;      // TSC units
    volatile long done;             // laps, children, rounds: the test's own
    volatile long worst, best;      // likewise
    long pid;
    uint64_t seed;
};
#define GAMMA 0x9e3779b97f4a7c15UL

static struct shared {
    volatile long go;
    volatile uint64_t end;
    volatile long baton;
    volatile long period;       // for those who were forked before machine()
    struct spinner s[SPINNERS];
} *shared;

static long tsc_us;         // TSC units in a microsecond
static long unit_tsc;       // in a unit of work
static long period, path;   // of the run, in microseconds
static uint64_t start;      // of the run
static long slow;           // dispatches that took the long path in it
static long own;            // units of work that init got done in it

static uint64_t
rdtsc(void)
{
    uint32_t lo, hi;
    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
    return (uint64_t)hi << 32 | lo;
}

static void
unit(void)
{
    long n = UNIT_TURNS;
    __asm__ volatile("1: decq %0; jnz 1b" : "+r"(n) : : "cc");
}

static long
now_us(void)
{
    struct timespec t;
    call6(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&t, 0, 0, 0, 0);
    return t.sec * 1000000 + t.nsec / 1000;
}

static void
sleep_us(long us)
{
    struct timespec t = { us / 1000000, us % 1000000 * 1000 };
    call6(SYS_nanosleep, (long)&t, 0, 0, 0, 0, 0);
}

// ---- what a report says -----------------------------------------------------

// "tick every 4000 us, dispatch 5200 us longer: " and what.
static const char *
in_run(const char *what)
{
    static char text[200];
    char *to = text;
    const char *part[] = { "tick every ", NULL, " us, dispatch ", NULL,
                           " us longer: ", what };
    long number[] = { 0, period, 0, path, 0, 0 };
    for (size_t i = 0; i < NELEM(part); i++) {
        char digits[24];
        const char *s = part[i];
        if (s == NULL) {
            char *d = digits + sizeof(digits) - 1;
            long v = number[i];
            *d = '\0';
            do {
                *--d = (char)('0' + v % 10);
                v /= 10;
            } while (v > 0);
            s = d;
        }
        while (*s != '\0' && to < text + sizeof(text) - 1)
            *to++ = *s++;
    }
    *to = '\0';
    return text;
}

// ---- a run ------------------------------------------------------------------

// The timer and the dispatches of everybody who `who` means.
static void
machine(long period_us, long path_us, long who)
{
    period = shared->period = period_us;
    path = path_us;
    expect("setting the timer: PROBE_PIT's result", 0,
           probe(PROBE_PIT, period_us * PIT_HZ / 1000000));
    call6(SYS_probe, PROBE_PATH, path_us, who, 0, 0, 0);
}

static void
begin(void)
{
    tsc_us = probe(PROBE_TSC_US, 0);
    shared = sys_mmap(0, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED);
    memset(shared, 0, sizeof(*shared));
    unit_tsc = 1L << 40;
    for (int i = 0; i < 20; i++) {
        uint64_t t = rdtsc();
        unit();
        long took = (long)(rdtsc() - t);
        unit_tsc = took < unit_tsc ? took : unit_tsc;
    }
}

static long
work_us(const struct spinner *s)
{
    return s->work * unit_tsc / tsc_us;
}

static void
do_work(struct spinner *s)
{
    unit();
    s->work++;
    s->chain += GAMMA;
}

// Work until the run ends, and watch the clock for what one cannot see
// otherwise: that one has not been running.
static void
spin(struct spinner *s)
{
    const uint64_t away = 150 * (uint64_t)tsc_us;
    while (!shared->go)
        sys_yield();
    uint64_t last = rdtsc();
    while (last < shared->end) {
        do_work(s);
        uint64_t now = rdtsc();
        if (now - last > away) {
            s->turns++;
            if ((long)(now - last) > s->longest_away)
                s->longest_away = (long)(now - last);
            if ((long)(now - last) < s->shortest_away)
                s->shortest_away = (long)(now - last);
        }
        last = now;
    }
    sys_exit(0);
}

static void
one_instruction(struct spinner *s)
{
    (void)s;
    while (!shared->go)
        sys_yield();
    __asm__ volatile("1: jmp 1b");
}

static void
start_one(int i, void (*body)(struct spinner *))
{
    struct spinner *s = &shared->s[i];
    memset(s, 0, sizeof(*s));
    s->seed = s->chain = rng_next(&rng);
    s->best = s->shortest_away = 1L << 40;
    long pid = must_fork();
    if (pid == 0) {
        body(s);
        sys_exit(0);
    }
    s->pid = pid;
}

// Go, for so many microseconds, with a timer and a path for `who`; init spins
// too, and after the end kills whoever is left of n.
static void
run(int n, long us, long period_us, long path_us, long who)
{
    machine(period_us, path_us, who);
    slow = probe(PROBE_SLOW, 0);
    start = rdtsc();
    shared->end = start + (uint64_t)us * (uint64_t)tsc_us;
    shared->go = 1;
    for (own = 0; rdtsc() < shared->end; own++)
        unit();
    slow = probe(PROBE_SLOW, 0) - slow;
    call6(SYS_probe, PROBE_PATH, 0, FORKED, 0, 0, 0);
    for (int i = 0; i < n; i++)
        sys_kill((int)shared->s[i].pid, SIGKILL);
    for (int i = 0; i < n; i++) {
        struct spinner *s = &shared->s[i];
        wait_for(s->pid);
        // One step behind, if it was killed between the two.
        expect("a process's count of its work, checked (wrong ones)", 0,
               s->chain != s->seed + (uint64_t)s->work * GAMMA
               && s->chain != s->seed + (uint64_t)(s->work - 1) * GAMMA);
    }
    shared->go = 0;
}

// n spinners, each about `rounds` turns.
static void
race_of(int n, long rounds, long period_us, long path_us, long who)
{
    for (int i = 0; i < n; i++)
        start_one(i, spin);
    run(n, rounds * (n * (period_us + path_us) + period_us), period_us,
        path_us, who);
}

static void
race(int n, long rounds, long period_us, long path_us)
{
    race_of(n, rounds, period_us, path_us, FORKED);
}

// ---- what is asked of a run -------------------------------------------------

// Dispatches happened, took the long path, and were worth it: on the average a
// turn is a fair part of a period, and not many.
static void
expect_progress(int n, long rounds)
{
    long work = 0;
    for (int i = 0; i < n; i++) {
        work += work_us(&shared->s[i]);
        expect_between(in_run("work of one of the processes in us"),
                       period / 8, rounds * period * 20,
                       work_us(&shared->s[i]));
        // Whoever has been away has been dispatched since.
        expect_between(in_run("shortest time that a process was away in us"),
                       path * 97 / 100, 1L << 40,
                       shared->s[i].shortest_away / tsc_us);
    }
    expect_between(in_run("dispatches on the long path"), rounds * n / 3,
                   rounds * n * 6, slow);
    expect_between(in_run("work per dispatch in percent of a period"), 12,
                   250, slow > 0 ? work * 100 / (slow * period) : 0);
}

static void
expect_fair(int n, long percent)
{
    long least = 1L << 40, most = 0;
    for (int i = 0; i < n; i++) {
        long w = work_us(&shared->s[i]);
        least = w < least ? w : least;
        most = w > most ? w : most;
    }
    expect_between(in_run("most work of a process in percent of the least"),
                   100, percent, most * 100 / (least > 0 ? least : 1));
}

// ---- the tests --------------------------------------------------------------

static void
test_moves(void)
{
    begin();
    for (int i = 0; i < 2; i++) {
        long t = range(6000, 12000);
        race(1, 10, t, t * range(115, 180) / 100);
        expect_progress(1, 10);
    }
    long t = range(6000, 12000);
    race(2, 10, t, t * range(115, 180) / 100);
    expect_progress(2, 10);
    expect_fair(2, 150);
    // Slow for everybody, init included.  If that stops, so does this test: not
    // before the others have passed.
    if (failed())
        return;
    race_of(2, 10, t, t * range(115, 180) / 100, ALL);
    expect_progress(2, 10);
    expect_between(in_run("work of a process that was not forked, but called "
                          "execve in us"), 3 * period, 40 * period,
                   own * unit_tsc / tsc_us);
}

static void
test_rates(void)
{
    static const long periods[] = { 50000, 20000, 10000, 4000, 1000 };
    begin();
    for (size_t i = 0; i < NELEM(periods); i++) {
        long rounds = periods[i] > 30000 ? 4 : periods[i] < 2000 ? 40 : 8;
        race(1, rounds, periods[i], periods[i] * range(110, 190) / 100);
        expect_progress(1, rounds);
    }
}

static void
test_paths(void)
{
    static const long percent[] = { 0, 50, 90, 110, 150, 250, 430, 700 };
    begin();
    for (size_t i = 0; i < NELEM(percent); i++) {
        race(1, 8, 4000, 4000 * (percent[i] + range(0, 3)) / 100);
        expect_progress(1, 8);
    }
}

// Just under k periods, the dispatch's own 50 us or so included.
static void
test_resonance(void)
{
    static const long under[] = { 130, 230, 360 };
    begin();
    for (long k = 1; k <= 3; k++) {
        for (size_t i = 0; i < NELEM(under); i++) {
            race(1, 8, 4000, k * 4000 - under[i] - range(0, 20));
            expect_progress(1, 8);
        }
    }
}

static void
short_life(struct spinner *s)
{
    while (!shared->go)
        sys_yield();
    // Its children are the ones that are looked at: each does a tenth of a
    // period's work, and ends.
    for (int i = 0; i < 10; i++) {
        long before = s->work;
        if (must_fork() == 0) {
            while ((s->work - before) * unit_tsc < shared->period * tsc_us / 10)
                do_work(s);
            sys_exit(0);
        }
        sys_wait4(-1, NULL, 0);
        s->done++;
    }
    s->best = (long)rdtsc();
    for (;;)
        sys_yield();
}

// One short-lived child after the other, each dispatched for the first time
// and, if a first turn is worth anything, for the last.
static void
test_first_run(void)
{
    long rounds = 0;
    begin();
    start_one(0, short_life);
    machine(4000, 4000 * range(120, 170) / 100, FORKED);
    slow = probe(PROBE_SLOW, 0);
    shared->go = 1;
    uint64_t end = rdtsc() + 400000 * (uint64_t)tsc_us;
    while (rdtsc() < end && shared->s[0].done < 10)
        unit();
    rounds = probe(PROBE_SLOW, 0) - slow;
    call6(SYS_probe, PROBE_PATH, 0, FORKED, 0, 0, 0);
    sys_kill((int)shared->s[0].pid, SIGKILL);
    while (sys_wait4(-1, NULL, 0) > 0)
        ;
    expect(in_run("children with little to do that came to their end"), 10,
           shared->s[0].done);
    // Its own and its parent's, each time; a tick may come in between.
    expect_between(in_run("dispatches for ten such children"), 20, 28, rounds);
}

// One is slow to dispatch, the other is not.
static void
test_one_slow(void)
{
    begin();
    for (int i = 0; i < 2; i++) {
        long t = 5000, d = t * range(110, 280) / 100;
        start_one(0, spin);
        start_one(1, spin);
        run(2, 30 * (d + 3 * t), t, d, -shared->s[0].pid);
        expect_between(in_run("dispatches on the long path"), 2, 200, slow);
        expect_fair(2, 300);
    }
}

static void
test_hog(void)
{
    long t = 4000, d = t * range(115, 180) / 100, rounds = 20, fair;
    begin();
    race(2, rounds, t, d);
    expect_progress(2, rounds);
    fair = work_us(&shared->s[0]);
    start_one(0, spin);
    start_one(1, one_instruction);
    run(2, rounds * (2 * (t + d) + t), t, d, FORKED);
    expect_between(in_run("work beside `jmp .` in percent of the work "
                          "beside a process like itself"), 60, 170,
                   work_us(&shared->s[0]) * 100 / (fair + 1));
    // Healthy, too.
    start_one(0, spin);
    start_one(1, one_instruction);
    run(2, rounds * 3 * t, t, 0, FORKED);
    expect_between(in_run("work beside `jmp .` and another in percent of a "
                          "third of the time"), 70, 130,
                   work_us(&shared->s[0]) * 300 / (rounds * 3 * t));
}

static void
test_eight(void)
{
    long t = 2000, d = t * range(115, 180) / 100, rounds = 8;
    begin();
    race(8, rounds, t, d);
    expect_progress(8, rounds);
    expect_fair(8, 170);
    for (int i = 0; i < 8; i++)
        expect_between(in_run("longest time without the processor, of eight, "
                              "in us"), 0, 8 * (d + 2 * t) + d + 3 * t,
                       shared->s[i].longest_away / tsc_us);
}

// Children one after the other, each with ten periods' work.
static void
breed(struct spinner *s)
{
    while (!shared->go)
        sys_yield();
    for (;;) {
        long before = s->work;
        if (must_fork() == 0) {
            while ((s->work - before) * unit_tsc
                   < 10 * shared->period * tsc_us)
                do_work(s);
            sys_exit(0);
        }
        sys_wait4(-1, NULL, 0);
        s->done++;
    }
}

static void
test_newborn(void)
{
    long t = 3000, d = t * range(115, 160) / 100;
    begin();
    start_one(0, spin);
    start_one(1, breed);
    machine(t, d, FORKED);
    shared->end = rdtsc() + (uint64_t)(90 * (d + t) * tsc_us);
    slow = probe(PROBE_SLOW, 0);
    shared->go = 1;
    while (rdtsc() < shared->end)
        unit();
    slow = probe(PROBE_SLOW, 0) - slow;
    call6(SYS_probe, PROBE_PATH, 0, FORKED, 0, 0, 0);
    sys_kill((int)shared->s[1].pid, SIGKILL);
    while (sys_wait4(-1, NULL, 0) > 0)
        ;
    expect_between(in_run("children with ten periods' work that ended"), 1,
                   40, shared->s[1].done);
    expect_between(in_run("longest time that a process waits while another "
                          "makes children in us"), 0, 3 * d + 5 * t,
                   shared->s[0].longest_away / tsc_us);
    expect_between(in_run("its work in percent of the children's"), 40, 250,
                   work_us(&shared->s[0]) * 100
                   / (work_us(&shared->s[1]) + 1));
}

#define HANDOVERS 20

// sched_yield(), with a number of one's own in an SSE register meanwhile.
static void
yield_with(struct spinner *s)
{
    uint64_t kept;
    long result;
    __asm__ volatile("movq %[seed], %%xmm7\n\tsyscall\n\tmovq %%xmm7, %[kept]"
                     : "=a"(result), [kept] "=&r"(kept)
                     : "a"(SYS_sched_yield), [seed] "r"(s->seed)
                     : "rcx", "r11", "xmm7", "memory");
    s->worst += kept != s->seed;
}

static void
pass_baton(struct spinner *s)
{
    long me = s - shared->s;
    while (!shared->go)
        sys_yield();
    for (int i = 0; i < HANDOVERS; i++) {
        while (shared->baton != me)
            yield_with(s);
        s->done++;
        shared->baton = 1 - me;
    }
    sys_exit(0);
}

static int ping[2], pong[2];

static void
pass_byte(struct spinner *s)
{
    long me = s - shared->s;
    char c = 'x';
    while (!shared->go)
        sys_yield();
    for (int i = 0; i < HANDOVERS; i++) {
        if (me == 1 || i > 0)
            sys_read(me == 0 ? pong[0] : ping[0], &c, 1);
        s->done++;
        sys_write(me == 0 ? ping[1] : pong[1], &c, 1);
    }
    sys_exit(0);
}

// Whoever yields or waits has to give the processor away at once, however
// short its turn was.
static void
test_handover(void)
{
    static void (*const body[])(struct spinner *) = { pass_baton, pass_byte };
    begin();
    sys_pipe(ping);
    sys_pipe(pong);
    for (size_t i = 0; i < NELEM(body); i++) {
        long t = 20000, d = t * range(10, 20) / 100;
        for (int k = 0; k < 2; k++)
            start_one(k, body[i]);
        machine(t, d, FORKED);
        uint64_t began = rdtsc();
        shared->go = 1;
        for (int k = 0; k < 2; k++)
            wait_for(shared->s[k].pid);
        long us = (long)(rdtsc() - began) / tsc_us;
        call6(SYS_probe, PROBE_PATH, 0, FORKED, 0, 0, 0);
        shared->go = 0;
        expect(in_run("handovers"), 2 * HANDOVERS,
               shared->s[0].done + shared->s[1].done);
        expect(in_run("times that somebody's XMM7 changed while another had "
                      "the processor"), 0,
               shared->s[0].worst + shared->s[1].worst);
        expect_between(in_run(i == 0 ? "us for 40 handovers by sched_yield()"
                                     : "us for 40 handovers by pipe"),
                       30 * d, 2 * HANDOVERS * d + 6 * (t + d), us);
    }
}

// Sleep, again and again; the longest and the shortest lateness.
static void
sleeper(struct spinner *s)
{
    long us = (long)(s->seed % 9000) + 3000;
    while (!shared->go)
        sys_yield();
    for (;;) {
        long before = now_us();
        sleep_us(us);
        long late = now_us() - before - us;
        s->worst = late > s->worst ? late : s->worst;
        s->best = late < s->best ? late : s->best;
        s->done++;
    }
}

static void
expect_sleepers(int from, int to, long laps, long late)
{
    for (int i = from; i < to; i++) {
        const struct spinner *s = &shared->s[i];
        expect_between(in_run("sleeps that came to their end, of one process"),
                       laps, 10000, s->done);
        expect_between(in_run("lateness of a sleep in us"), 0, late,
                       s->best < 0 ? s->best : s->worst);
    }
}

// Two of these give each other the processor all the time, until the end.
static void
restless(struct spinner *s)
{
    long me = s - shared->s;
    while (!shared->go)
        sys_yield();
    while (rdtsc() < shared->end) {
        if (shared->baton == me)
            shared->baton = 1 - me;
        sys_yield();
    }
    sys_exit(0);
}

// The test's own sleep, and the sleepers' from..to, while nobody spins.
static void
sleep_with(int from, int to, long t, long d)
{
    long late = 5 * (d + 2 * t);
    machine(t, d, FORKED);
    sys_yield();                // a dispatch, so that the policy sees the timer
    shared->end = rdtsc() + 600000 * (uint64_t)tsc_us;
    shared->go = 1;
    long before = now_us();
    sleep_us(200000);
    long slept = now_us() - before;
    call6(SYS_probe, PROBE_PATH, 0, FORKED, 0, 0, 0);
    for (int i = 0; i < to; i++) {
        sys_kill((int)shared->s[i].pid, SIGKILL);
        wait_for(shared->s[i].pid);
    }
    shared->go = 0;
    expect_between(in_run(from > 0 ? "init's sleep of 200 ms while two others "
                                     "yield all the time in us"
                                   : "init's sleep of 200 ms in us"),
                   200000, 200000 + late, slept);
    expect_sleepers(from, to, 200000 / (12000 + late), late);
}

static void
test_sleepers(void)
{
    long t = 4000, d = t * range(115, 160) / 100, us = 1200000;
    begin();
    // Beside two that never sleep.
    for (int i = 0; i < 6; i++)
        start_one(i, i < 2 ? spin : sleeper);
    run(6, us, t, d, FORKED);
    expect_sleepers(2, 6, us / (12000 + 7 * (d + 2 * t)), 7 * (d + 2 * t));
    // While there is nothing else to do, init asleep as well.
    for (int i = 0; i < 4; i++)
        start_one(i, sleeper);
    sleep_with(0, 4, t, d);
    // While ticks are rare, because nobody ever has a whole turn.
    for (int i = 0; i < 4; i++)
        start_one(i, i < 2 ? restless : sleeper);
    sleep_with(2, 4, 10000, range(1000, 2000));
    // And all by itself, many ticks long.
    sleep_with(0, 0, 4000, 0);
}

// Ticks are lost, time is not: against the TSC.
static void
test_clock(void)
{
    static const long percent[] = { 0, 130, 270 };
    begin();
    for (size_t i = 0; i < NELEM(percent); i++) {
        long t = 5000, d = t * percent[i] / 100;
        uint64_t tsc = rdtsc();
        long us = now_us(), last = us, back = 0;
        start_one(0, spin);
        machine(t, d, FORKED);
        shared->end = rdtsc() + 150000 * (uint64_t)tsc_us;
        shared->go = 1;
        while (rdtsc() < shared->end) {
            long now = now_us();
            back += now < last;
            last = now;
            for (int k = 0; k < 20; k++)
                unit();
        }
        long by_tsc = (long)(rdtsc() - tsc) / tsc_us;
        long by_clock = now_us() - us;
        call6(SYS_probe, PROBE_PATH, 0, FORKED, 0, 0, 0);
        sys_kill((int)shared->s[0].pid, SIGKILL);
        wait_for(shared->s[0].pid);
        shared->go = 0;
        expect(in_run("times that the clock went back"), 0, back);
        expect_between(in_run("us that have gone by, by clock_gettime()"),
                       by_tsc * 99 / 100, by_tsc * 101 / 100, by_clock);
    }
}

// What a tick costs that finds nothing to do, in TSC units: the time that is
// missing from a loop.  Of many, the median would do; the sum is simpler.
static long
tick_cost(long ticks)
{
    uint64_t end = rdtsc() + (uint64_t)(ticks * period * tsc_us);
    uint64_t last = rdtsc(), lost = 0;
    while (last < end) {
        unit();
        uint64_t now = rdtsc();
        if (now - last > 2 * (uint64_t)unit_tsc)
            lost += now - last - (uint64_t)unit_tsc;
        last = now;
    }
    return (long)lost / ticks;
}

#define INSTRUCTION 32      // TSC units, by -icount shift=5

static void
test_healthy(void)
{
    static const long hz[] = { 50, 100, 1000 };
    begin();
    machine(2000, 0, FORKED);
    expect_between(in_run("instructions for a tick that changes nothing"),
                   100, 2000, tick_cost(50) / INSTRUCTION);
    for (size_t i = 0; i < NELEM(hz); i++) {
        long t = 1000000 / hz[i], rounds = 10;
        long counted = probe(PROBE_SWITCHES, 0);
        race(2, rounds, t, 0);
        counted = probe(PROBE_SWITCHES, 0) - counted;
        long turns = shared->s[0].turns + shared->s[1].turns;
        long work = work_us(&shared->s[0]) + work_us(&shared->s[1]);
        expect_between(in_run("turns of two processes, 20 periods each"),
                       17, 23, turns);
        expect_between(in_run("their work in percent of two thirds of the "
                              "time"), 75, 125,
                       work * 150 / (rounds * 3 * t));
        expect_fair(2, 125);
        expect_between(in_run("`dispatches`, by how much it went up in so many "
                              "turns and more"), turns, 100 * turns, counted);
    }
}

// Another machine, whose TSC and interrupt controller are others.
static void
test_bochs(void)
{
    long t = range(9000, 11000);
    begin();
    race(1, 8, t, t * range(120, 170) / 100);
    expect_progress(1, 8);
    t = 5000;
    race(2, 8, t, 2 * t - 400);
    expect_progress(2, 8);
    expect_fair(2, 170);
    race(2, 8, t, 0);
    long turns = shared->s[0].turns + shared->s[1].turns;
    expect_between(in_run("turns of two processes, 16 periods each"), 12, 20,
                   turns);
}

const struct guest_test guest_tests[] = {
    { "moves", test_moves }, { "rates", test_rates }, { "paths", test_paths },
    { "resonance", test_resonance }, { "first-run", test_first_run },
    { "one-slow", test_one_slow }, { "hog", test_hog },
    { "eight", test_eight }, { "newborn", test_newborn },
    { "handover", test_handover }, { "sleepers", test_sleepers },
    { "clock", test_clock }, { "healthy", test_healthy },
    { "bochs", test_bochs }, { NULL, NULL },
};
