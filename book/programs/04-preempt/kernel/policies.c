// SPDX-License-Identifier: MIT
// policies.c -- preempt.c with eleven ways to end a turn, chosen by the option
// policy=NAME: what chapter 4 compares.  The first is the starter of lab 4, two
// are right on every machine.  Contracts: kernel/preempt.h.
#include "boot.h"
#include "clock.h"
#include "preempt.h"
#include "x86.h"

#define PIT_HZ 1193182UL
#define PIT_0 0x40
#define PIT_MODE 0x43
#define PIC1 0x20
#define PIC_EOI 0x20

enum policy { NAIVE, NO_CHILD, FIRST_RUN, SAME_RIP, FREE_TICK, WINDOW, MASK,
              RESTART, POLL, HALF, ONE_SHOT };
static const char *const names[] = {
    "naive", "no-child", "first-run", "same-rip", "free-tick", "window", "mask",
    "restart", "poll", "half", "one-shot",
};

uint64_t dispatches;

static uint64_t rip_at_dispatch;
static bool tick_seen;              // since the dispatch
static int graced[NPROC];           // pids that have had their first tick
static bool one_shot_armed;         // and has not expired

static enum policy
policy(void)
{
    static int chosen = -1;
    for (int i = 0; chosen < 0 && i < ONE_SHOT + 1; i++)
        if (boot_option_is("policy", names[i]))
            chosen = i;
    return chosen < 0 ? NAIVE : (enum policy)chosen;
}

// ---- the timer ------------------------------------------------------------

static uint64_t
divisor(void)
{
    return clock_period * PIT_HZ / (clock_tsc_per_us * 1000000);
}

// Mode 0: one interrupt after a period, and no more.
static void
one_shot_arm(void)
{
    outb(PIT_MODE, 0x30);
    outb(PIT_0, divisor() & 0xff);
    outb(PIT_0, divisor() >> 8 & 0xff);
    one_shot_armed = true;
}

// Has it come to its end?  If not, the interrupt is an older one's, which was
// waiting when the timer was armed anew.
static bool
one_shot_expired(void)
{
    outb(PIT_MODE, 0xe2);       // read back the status of channel 0
    return (inb(PIT_0) & 0x80) != 0;
}

// Acknowledge by hand what waits, as a processor with interrupts on would.
static void
poll_controller(void)
{
    outb(PIC1, 0x0c);
    if (inb(PIC1) & 0x80)
        outb(PIC1, PIC_EOI);
}

static void
mask_timer(bool masked)
{
    uint8_t mask = inb(PIC1 + 1);
    outb(PIC1 + 1, masked ? mask | 1 : mask & ~1);
}

// ---- beginning and end of a turn ------------------------------------------

// The last thing before p goes on.
void
preempt_dispatched(struct proc *p)
{
    dispatches++;
    p->dispatched_at = rdtsc();
    rip_at_dispatch = p->tf->rip;
    tick_seen = false;
    switch (policy()) {
    case WINDOW:                // it is the kernel that the tick interrupts
        __asm__ volatile("sti; nop; nop; cli" : : : "memory");
        break;
    case MASK:
        mask_timer(false);
        break;
    case RESTART:
        pit_set(divisor());
        break;
    case POLL:
        pit_set(divisor());
        poll_controller();
        break;
    case ONE_SHOT:
        one_shot_arm();
        break;
    default:
        break;
    }
}

// A tick that found p in user mode: is p's turn over?
static bool
turn_over(struct proc *p)
{
    bool first = !tick_seen;
    tick_seen = true;
    switch (policy()) {
    case NO_CHILD:
        return p->executed;
    case FIRST_RUN:
        first = graced[p - procs] != p->pid;
        graced[p - procs] = p->pid;
        return !first;
    case SAME_RIP:
        return p->tf->rip != rip_at_dispatch;
    case FREE_TICK:
        return !first;
    case HALF:
        return rdtsc() - p->dispatched_at >= clock_period / 2;
    default:
        return true;
    }
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
    if (policy() == ONE_SHOT && !one_shot_expired())
        return;
    one_shot_armed = false;
    if (user && turn_over(current))
        yield();
    if (policy() == ONE_SHOT && !one_shot_armed)
        one_shot_arm();
}

void
schedule(void)
{
    struct proc *old = current;
    struct proc *next;
    old->ran += rdtsc() - old->dispatched_at;
    while ((next = ready_take()) == NULL) {
        if (policy() == ONE_SHOT && !one_shot_armed)
            one_shot_arm();
        sti_hlt_cli();
    }
    if (policy() == MASK)
        mask_timer(true);
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
