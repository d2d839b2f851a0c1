// SPDX-License-Identifier: MIT
// preempt.c -- a one-shot timer, started at the end of every dispatch, and at
// every tick.
//
// WRONG: where everybody gives the processor away early it never comes, and
// nobody looks for sleepers.
#include "clock.h"
#include "preempt.h"
#include "x86.h"

uint64_t dispatches;

#define PIT_HZ 1193182UL

// The timer's cycles in a period.
static uint64_t
cycles(void)
{
    return clock_period * PIT_HZ / (clock_tsc_per_us * 1000000);
}

static bool stale;

static void
timer_start(void)
{
    uint64_t n = min_u64(cycles(), 65535);
    outb(0x43, 0x30);           // channel 0, mode 0
    outb(0x40, n & 0xff);
    outb(0x40, n >> 8);
    stale = clock_waiting() & 1;
}

void
preempt_dispatched(struct proc *p)
{
    dispatches++;
    timer_start();
    p->dispatched_at = rdtsc();
}

void
yield(void)
{
    current->state = READY;
    ready_put(current);
    schedule();
}

void
preempt_tick(bool user)
{
    if (stale) {
        stale = false;
        return;
    }
    timer_start();
    if (user)
        yield();
}

void
schedule(void)
{
    struct proc *old = current;
    struct proc *next;
    old->ran += rdtsc() - old->dispatched_at;
    timer_start();
    while ((next = ready_take()) == NULL)
        sti_hlt_cli();
    next->state = RUNNING;
    if (next != old) {
        proc_save_user(old);
        current = next;
        proc_load_user(next);
        switch_context(&old->context, next->context);
        proc_started();
        return;
    }
    preempt_dispatched(current);
}
