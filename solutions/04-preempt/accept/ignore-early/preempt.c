// SPDX-License-Identifier: MIT
// preempt.c -- when a dispatch has ended, look at timer and controller: how
// many ticks will come too early?  One that waits already, and one more if the
// counter has less than half of a period to go.  These end nobody's turn.
// No time stamps, no other programming of the timer.
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

static int too_early;           // ticks that belong to before

// What channel 0 has left, in its cycles: latch it, then low and high byte.
static uint64_t
to_go(void)
{
    outb(0x43, 0x00);
    uint64_t low = inb(0x40);
    return low | (uint64_t)inb(0x40) << 8;
}

void
preempt_dispatched(struct proc *p)
{
    dispatches++;
    p->dispatched_at = rdtsc();
    too_early = (clock_waiting() & 1) + (to_go() < cycles() / 2);
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
    if (too_early > 0)
        too_early--;
    else if (user)
        yield();
}

void
schedule(void)
{
    struct proc *old = current;
    struct proc *next;
    old->ran += rdtsc() - old->dispatched_at;
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
