// SPDX-License-Identifier: MIT
// fork.c -- duplicate a process: address space, saved registers, descriptors;
// its exit, and its parent's wait.  Called by syscall.c and trap.c.
// Book: chapter 2.  This is yours to write; fork.h is the contract.
//
// Guarded by interrupts being off: until ready_put() the child is an EMBRYO
// that no other process can see, find or wait for.
#include "boot.h"
#include "file.h"
#include "fork.h"
#include "fs.h"
#include "preempt.h"
#include "signal.h"

int64_t
do_fork(const struct fork_how *how)
{
    // A slot and a kernel stack: proc_alloc(&child).  Then the memory, the
    // registers, the descriptors, and what else struct proc holds of a
    // program.  When all is there: ready_put().
    (void)how;
    return -ENOSYS;
}

void
vfork_done(struct proc *p)
{
    if (p->vfork_child) {
        p->vfork_child = false;
        wakeup(&p->vfork_child);
    }
}

_Noreturn void
do_exit(int status)
{
    struct proc *p = current;
    if (p == init_proc)
        init_ended(status);
    // Give back what can be given back while we still stand on this stack,
    // find a parent for the children, tell our own.
    p->status = status;
    p->state = ZOMBIE;
    schedule();
    panic("process %d runs after its end", p->pid);
}

int64_t
sys_wait4(int64_t pid, uint64_t status, int64_t options, uint64_t rusage)
{
    (void)pid, (void)status, (void)options, (void)rusage;
    return -ECHILD;
}
