// SPDX-License-Identifier: MIT
// proc.h -- processes: the table, their states, sleeping and waking.
// fork.c makes and ends them, preempt.c decides who runs.  Book: chapter 2.
#ifndef PROC_H
#define PROC_H

#include "trap.h"
#include "vm.h"

#define NPROC 128
#define NPROC_RESERVED 8    // slots for init and its own children only
#define NFD 64
#define NAME_MAX_PROC 16

struct file;
struct node;

enum proc_state {
    UNUSED,     // the slot is free
    EMBRYO,     // being made, invisible to everybody else
    READY,      // on the ready queue
    RUNNING,    // `current`
    SLEEPING,   // until wakeup(p->channel), or a signal
    STOPPED,    // until SIGCONT or SIGKILL
    ZOMBIE,     // ended; its parent has not asked yet
    DEAD,       // ended, and nobody will ask
};

// What switch_context() saves, at the saved stack pointer.
struct context {
    uint64_t r15, r14, r13, r12, rbx, rbp, rip;
};

// What a successful execve replaces and fork copies is in here; the trap frame
// is at the top of the kernel stack.  Everything is guarded by interrupts
// being off, which they are in the whole kernel but for one instruction of
// the idle loop: there is nothing else to be interrupted by.
struct proc {
    int pid;
    enum proc_state state;
    char name[NAME_MAX_PROC];
    struct proc *parent;
    struct proc *next;          // on the ready queue
    bool trusted;               // init or its child: may use the reserve
    bool vfork_child;           // the parent waits until exec or exit
    int pgid, sid;
    int status;                 // of a ZOMBIE, as wait4 reports it
    void *channel;              // of a SLEEPING one, what it waits for
    bool interruptible;         // may a signal end that sleep?
    uint64_t wake_at;           // TSC; 0: no time-out

    struct vm *vm;
    uint64_t kstack;            // the address above its highest byte
    struct context *context;    // of one that does not run
    struct trapframe *tf;       // the user's registers, on the kernel stack
    uint64_t fs_base, gs_base;

    struct file *fd[NFD];
    uint64_t cloexec;           // a bit per descriptor
    struct node *cwd, *exe;
    uint32_t umask;

    uint64_t pending, blocked;  // a bit per signal, signal 1 is bit 0
    uint64_t saved_blocked;     // by rt_sigsuspend
    bool restore_blocked;
    struct sigaction actions[NSIG];

    // For trace.c.
    uint64_t dispatches;        // how often it was given the processor
    bool executed;              // it runs a program of its own, by execve

    // For preempt.c.
    uint64_t dispatched_at;     // TSC when it was last given the processor
    uint64_t ran;               // TSC units it had the processor in all

    uint8_t fpu[512] __attribute__((aligned(16)));     // FXSAVE's format
};

extern struct proc procs[NPROC];
extern struct proc *current;    // NULL until the first process runs
extern struct proc *init_proc;

// A slot with a pid and a kernel stack, state EMBRYO, everything else 0; the
// stack is prepared so that the first switch goes to user mode by the trap
// frame at tf.  0 and *made; or -EAGAIN: no slot, -ENOMEM: no stack.
int proc_alloc(struct proc **made);

// Give back an EMBRYO's, ZOMBIE's or DEAD one's slot and stack.  Its address
// space (p->vm is NULL), files and children are gone already.  The slot is
// UNUSED then; all else in it, `parent` too, stays until it is used again.
void proc_free(struct proc *p);

struct proc *proc_find(int pid);

// Wait for wakeup(channel).  Because interrupts are off, nothing can happen
// between the caller's look at its condition and the sleep; the caller looks
// again on return.  0, or -ERESTART if a signal came instead.
int sleep_on(void *channel);

// As sleep_on, but signals have to wait.
void sleep_hard(void *channel);

// As sleep_on, at most until the TSC reaches `when`; -EAGAIN if it has.
int sleep_until(void *channel, uint64_t when);

// Everybody who sleeps on `channel` becomes READY.
void wakeup(void *channel);

// Wake the sleepers whose time has come.
void wake_sleepers(uint64_t now);

// End p's sleep if a signal may.
void wake_for_signal(struct proc *p);

// The ready queue, first in, first out; whoever is put there is READY already.
void ready_put(struct proc *p);
struct proc *ready_take(void);
struct proc *ready_peek(void);

// Set the saved and restore the next one's registers that are neither in the
// trap frame nor in the context: SSE state, FS and GS base, kernel stack.
void proc_save_user(struct proc *p);
void proc_load_user(struct proc *p);

// Before a process runs for the first time, and when it runs again: what the
// one before could not do for itself.
void proc_started(void);

// entry.S
void switch_context(struct context **old, struct context *new);
void first_return(void);

#endif
