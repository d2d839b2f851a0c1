// SPDX-License-Identifier: MIT
// proc.c -- the process table, the ready queue, sleeping and waking, and what
// of a process is in the processor's registers.  Book: chapter 2.
#include "clock.h"
#include "preempt.h"
#include "proc.h"
#include "signal.h"
#include "trace.h"
#include "x86.h"

#define PID_MAX 32768

struct proc procs[NPROC];
struct proc *current;
struct proc *init_proc;

static struct proc *ready_first, *ready_last;
static int last_pid;

extern uint64_t kernel_rsp;     // entry.S

struct proc *
proc_find(int pid)
{
    for (struct proc *p = procs; p < procs + NPROC; p++)
        if (p->state != UNUSED && p->state != EMBRYO && p->state != DEAD
            && p->pid == pid)
            return p;
    return NULL;
}

// A number that is no process's, nor any process group's or session's.
static int
new_pid(void)
{
    for (;;) {
        last_pid = last_pid % (PID_MAX - 1) + 1;
        bool taken = false;
        for (struct proc *p = procs; p < procs + NPROC; p++)
            taken |= p->state != UNUSED
                     && (p->pid == last_pid || p->pgid == last_pid
                         || p->sid == last_pid);
        if (!taken)
            return last_pid;
    }
}

// A free slot, if the running process may have one: the last few are kept
// for init and its own children, so that somebody can clean up.
static struct proc *
free_slot(void)
{
    struct proc *found = NULL;
    int unused = 0;
    for (struct proc *p = procs + NPROC - 1; p >= procs; p--) {
        if (p->state == UNUSED) {
            found = p;
            unused++;
        }
    }
    bool reserved = unused <= NPROC_RESERVED;
    if (reserved && current != NULL && !current->trusted)
        return NULL;
    return found;
}

int
proc_alloc(struct proc **made)
{
    struct proc *p = free_slot();
    if (!alloc_allowed() || p == NULL)
        return -EAGAIN;
    memset(p, 0, sizeof(*p));
    p->kstack = kstack_alloc((int)(p - procs));
    if (p->kstack == 0)
        return -ENOMEM;
    p->pid = new_pid();
    p->state = EMBRYO;
    p->tf = (struct trapframe *)p->kstack - 1;
    p->context = (struct context *)p->tf - 1;
    p->context->rip = (uint64_t)first_return;
    *made = p;
    return 0;
}

void
proc_free(struct proc *p)
{
    assert(p != current && p->vm == NULL);
    kstack_free((int)(p - procs));
    p->state = UNUSED;
}

// ---- sleeping and waking --------------------------------------------------

void
ready_put(struct proc *p)
{
    assert(p->state == READY);
    p->next = NULL;
    if (ready_first == NULL)
        ready_first = p;
    else
        ready_last->next = p;
    ready_last = p;
}

struct proc *
ready_take(void)
{
    struct proc *p = ready_first;
    if (p != NULL)
        ready_first = p->next;
    return p;
}

struct proc *
ready_peek(void)
{
    return ready_first;
}

static void
wake(struct proc *p)
{
    p->state = READY;
    p->channel = NULL;
    p->wake_at = 0;
    ready_put(p);
}

static void
go_to_sleep(void *channel, bool interruptible, uint64_t wake_at)
{
    current->state = SLEEPING;
    current->channel = channel;
    current->interruptible = interruptible;
    current->wake_at = wake_at;
    schedule();
}

int
sleep_on(void *channel)
{
    return sleep_until(channel, 0);
}

int
sleep_until(void *channel, uint64_t when)
{
    if (signal_pending(current))
        return -ERESTART;
    if (when != 0 && rdtsc() >= when)
        return -EAGAIN;
    go_to_sleep(channel, true, when);
    return signal_pending(current) ? -ERESTART : 0;
}

void
sleep_hard(void *channel)
{
    go_to_sleep(channel, false, 0);
}

void
wakeup(void *channel)
{
    for (struct proc *p = procs; p < procs + NPROC; p++)
        if (p->state == SLEEPING && p->channel == channel)
            wake(p);
}

void
wake_sleepers(uint64_t now)
{
    for (struct proc *p = procs; p < procs + NPROC; p++)
        if (p->state == SLEEPING && p->wake_at != 0 && now >= p->wake_at)
            wake(p);
}

void
wake_for_signal(struct proc *p)
{
    if (p->state == STOPPED || (p->state == SLEEPING && p->interruptible))
        wake(p);
}

// ---- the switch -----------------------------------------------------------

void
proc_save_user(struct proc *p)
{
    __asm__ volatile("fxsave64 %0" : "=m"(p->fpu));
    // A program can change these without a system call, by loading FS or GS.
    p->fs_base = rdmsr(MSR_FS_BASE);
    p->gs_base = rdmsr(MSR_GS_BASE);
}

void
proc_load_user(struct proc *p)
{
    trace_switch(p);
    trap_set_stack(p->kstack);
    kernel_rsp = p->kstack;
    trace_load_cr3(p->vm);
    __asm__ volatile("fxrstor64 %0" : : "m"(p->fpu));
    wrmsr(MSR_FS_BASE, p->fs_base);
    wrmsr(MSR_GS_BASE, p->gs_base);
}

void
proc_started(void)
{
    // One that nobody waits for cannot give back the stack it stands on.
    for (struct proc *p = procs; p < procs + NPROC; p++)
        if (p->state == DEAD && p != current)
            proc_free(p);
    bool first = current->dispatches == 0;
    trace_started(current);
    preempt_dispatched(current);
    if (first) {                    // trap() is not on this way out
        signal_deliver(current->tf);
        trace_return(current->tf);
    }
}
