// SPDX-License-Identifier: MIT
// preempt.c -- by time stamp; and each tick goes through the table to see that
// nobody was forgotten.
//
// WRONG: every tick costs ten times as much.
#include "clock.h"
#include "preempt.h"
#include "x86.h"

uint64_t dispatches;

// How many are READY, by state and by queue.
static bool
queue_is_whole(void)
{
    int marked = 0, queued = 0;
    for (int round = 0; round < 8; round++)
        for (struct proc *p = procs; p < procs + NPROC; p++)
            marked += p->state == READY && p != current;
    for (struct proc *p = ready_peek(); p != NULL; p = p->next)
        queued++;
    return marked == 8 * queued;
}

void
preempt_dispatched(struct proc *p)
{
    dispatches++;
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
    if (!queue_is_whole())
        panic("a process is READY and not on the queue");
    if (user && rdtsc() - current->dispatched_at >= clock_period / 2)
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
