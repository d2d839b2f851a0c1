// SPDX-License-Identifier: MIT
// probe.c -- what the kernel tells its tests about itself: counts of frames
// and processes, the references to a page, and failure on demand.  Only with
// the boot option probe=on; otherwise there is no such system call.
#include "boot.h"
#include "clock.h"
#include "cow.h"
#include "file.h"
#include "preempt.h"
#include "probe.h"
#include "proc.h"
#include "trace.h"
#include "x86.h"

static int64_t
page_refs(uint64_t va)
{
    pte_t *pte = va < USER_TOP ? vm_pte(current->vm, va, false) : NULL;
    if (pte == NULL || !(*pte & PTE_P))
        return -EFAULT;
    return frame_refs(*pte & PTE_FRAME);
}

static int64_t
processes(void)
{
    int n = 0;
    for (struct proc *p = procs; p < procs + NPROC; p++)
        n += p->state != UNUSED;
    return n;
}

static int64_t
describe(uint64_t slot, uint64_t to)
{
    if (slot >= NPROC)
        return -EINVAL;
    const struct proc *p = &procs[slot];
    if (p->state == UNUSED)
        return -ESRCH;
    struct probe_proc d = {
        .pid = p->pid, .ppid = p->parent != NULL ? p->parent->pid : 0,
        .state = p->state, .pages = p->vm != NULL ? (int)p->vm->pages : 0,
    };
    copy_string(d.name, p->name, sizeof(d.name));
    return copy_out(to, &d, sizeof(d));
}

// Two bugs on purpose, so that the report can be tested.
static uint64_t
recurse(volatile uint64_t *depth)
{
    uint64_t here = ++*depth;
    return here < UINT64_MAX ? recurse(depth) + here : 0;
}

static int64_t
crash(uint64_t how)
{
    volatile uint64_t depth = 0;
    if (how == 1)
        return (int64_t)recurse(&depth);
    volatile uint64_t *wild = (uint64_t *)0xdead0000UL;
    return (int64_t)*wild;
}

int64_t
sys_probe(int op, uint64_t arg, uint64_t arg2)
{
    if (!boot_option_is("probe", "on"))
        return -ENOSYS;
    switch (op) {
    case PROBE_FREE:
        return (int64_t)frames_free;
    case PROBE_FAIL:
        alloc_fail(arg);
        return 0;
    case PROBE_REFS:
        return page_refs(arg);
    case PROBE_PROCS:
        return processes();
    case PROBE_PROC:
        return describe(arg, arg2);
    case PROBE_COPIES:
        return (int64_t)cow_copies;
    case PROBE_TAKEOVERS:
        return (int64_t)cow_takeovers;
    case PROBE_TSC:
        return (int64_t)rdtsc();
    case PROBE_SWITCHES:
        return (int64_t)dispatches;
    case PROBE_TICKS:
        return (int64_t)clock_ticks;
    case PROBE_TRIPPED:
        return alloc_tripped();
    case PROBE_FILES:
        return files_in_use();
    case PROBE_CRASH:
        return crash(arg);
    case PROBE_PIT:
        return clock_set(arg);
    case PROBE_PATH:
        if ((int64_t)arg2 < 0)
            trace_path(arg, (int)arg2, WHEN_ALWAYS);
        else
            trace_path(arg, arg2 & 3, (enum trace_when)(arg2 >> 2));
        return 0;
    case PROBE_TSC_US:
        return (int64_t)clock_tsc_per_us;
    case PROBE_SLOW:
        return (int64_t)trace_slow;
    case PROBE_PAGES:
        return (int64_t)current->vm->pages;
    }
    return -EINVAL;
}
