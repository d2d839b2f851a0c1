// SPDX-License-Identifier: MIT
// trace.h -- what an investigator of preemption switches on: a log of every
// dispatch, a longer path, another page table switch, a ring of events.
// Book: chapter 4.
#ifndef TRACE_H
#define TRACE_H

#include "proc.h"

// The ring holds the last TRACE_EVENTS of trace_count events: number n is at
// n % TRACE_EVENTS.  To be read by name from outside, too.
#define TRACE_EVENTS 2048

enum trace_kind {
    TRACE_ENTER = 1,    // into the kernel; rip: from where; arg: the vector
    TRACE_RETURN,       // IRETQ to user mode comes next; rip: to where;
                        // arg: interrupts that wait, as the 8259 has them
    TRACE_SWITCH,       // a dispatch begins, of pid; arg: the pid before
    TRACE_DISPATCHED,   // its path ends; arg: how often it has run before
    TRACE_FORK,         // by pid; rip: the child's; arg: its pid
};

struct trace_event {
    uint64_t tsc;
    uint64_t rip;
    uint32_t pid;
    uint32_t kind;
    uint64_t arg;
};

extern struct trace_event trace_ring[TRACE_EVENTS];
extern uint64_t trace_count;

// Both false unless an option says otherwise; then the hooks below do nothing.
extern bool trace_ring_on, trace_dispatch_on;

// Read the options; the clock runs.
void trace_init(void);

// Dispatches that `who` and `when` select take `us` microseconds longer.
enum trace_who { WHO_ALL, WHO_FORKED, WHO_EXECUTED };   // or -pid
enum trace_when { WHEN_ALWAYS, WHEN_FIRST, WHEN_LATER };
void trace_path(uint64_t us, int who, enum trace_when when);

// How many dispatches took the longer path.
extern uint64_t trace_slow;

void trace_event(enum trace_kind kind, int pid, uint64_t rip, uint64_t arg);

// In trap(): on the way in, and as the last thing before the way out.
void trace_return(const struct trapframe *tf);
void trace_entered(const struct trapframe *tf);
static inline void
trace_enter(const struct trapframe *tf)
{
    if (trace_ring_on)
        trace_entered(tf);
}

// A dispatch of p begins: the log lines, and the path's length.
void trace_switch(struct proc *p);

// It has come to its end.
void trace_started(struct proc *p);

// `child` has been made and can be found on the ready queue.
void trace_forked(struct proc *child);

// Put another page table into CR3, the way the option flush= says.
void trace_load_cr3(struct vm *vm);

// The ring as text on the console, if trace=print.
void trace_print(void);

#endif
