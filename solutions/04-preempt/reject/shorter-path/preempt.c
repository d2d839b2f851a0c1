// SPDX-License-Identifier: MIT
// preempt.c -- switch without the log.
//
// WRONG: the path is not shorter, it is another one; what everybody else put
// into proc_load_user() is lost.
#include "clock.h"
#include "preempt.h"
#include "x86.h"

uint64_t dispatches;

extern uint64_t kernel_rsp;

static void
load_user(struct proc *p)
{
    trap_set_stack(p->kstack);
    kernel_rsp = p->kstack;
    vm_use(p->vm);
    __asm__ volatile("fxrstor64 %0" : : "m"(p->fpu));
    wrmsr(MSR_FS_BASE, p->fs_base);
    wrmsr(MSR_GS_BASE, p->gs_base);
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
    if (user)
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
        load_user(next);
        switch_context(&old->context, next->context);
        proc_started();
        return;
    }
    preempt_dispatched(current);
}
