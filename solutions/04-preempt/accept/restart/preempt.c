// SPDX-License-Identifier: MIT
// preempt.c -- the periodic timer begins anew when the dispatch has ended, and
// the tick that has been waiting is thrown away.
//
// The 8259 forgets a latched request only when it is initialised again (to
// poll it does not take the request away on every machine).  It forgets the
// console's as well, so that one is asked for by hand.
#include "clock.h"
#include "console.h"
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

#define PIC 0x20

// As clock.c does it at boot, with the mask as it was.
static void
forget_pending(void)
{
    uint8_t mask = inb(PIC + 1);
    outb(PIC, 0x11);
    outb(PIC + 1, VEC_IRQ0);
    outb(PIC + 1, 4);
    outb(PIC + 1, 1);
    outb(PIC + 1, mask);
}

void
preempt_dispatched(struct proc *p)
{
    dispatches++;
    p->dispatched_at = rdtsc();
    pit_set(cycles());
    forget_pending();
    console_interrupt();
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
    if (user)
        yield();
}

void
schedule(void)
{
    struct proc *old = current;
    struct proc *next;
    old->ran += rdtsc() - old->dispatched_at;
    wake_sleepers(rdtsc());         // turns that end early eat the ticks
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
