// SPDX-License-Identifier: MIT
// fork.h -- the making of a child, its end, and waiting for it.
// Book: chapter 2; lab 2 puts its own fork.c here.
#ifndef FORK_H
#define FORK_H

#include "proc.h"

// How a child differs from a plain fork's; clone's arguments.
struct fork_how {
    bool share_memory;      // vfork: the parent's own address space
    bool parent_waits;      // vfork: until exec or exit
    uint64_t stack;         // the child's RSP; 0: the parent's
    uint64_t set_tid;       // user address that gets the child's pid, in the
    uint64_t parent_tid;    // child's memory; in the parent's; 0: none
    uint64_t tls;
    bool set_tls;
};

// Make a child of `current` that returns 0 from the system call in which its
// parent is.  The child's pid, -EAGAIN if there is no slot, -ENOMEM.  On
// failure nothing has changed: no frame, slot or reference is left behind, and
// nobody has seen a child.
// The child has its parent's registers, memory, descriptors and whatever else
// in struct proc belongs to the program, with a reference of its own to each
// thing that is counted; nothing pending.  Init's own children are `trusted`.
int64_t do_fork(const struct fork_how *how);

// End `current`: status as wait4 reports it, an exit code shifted by 8 or the
// number of a signal.  What it has is given back, but for slot and stack; its
// children are init's; its parent gets SIGCHLD and is woken from sleeping on
// its own struct proc.  A ZOMBIE, or DEAD if the parent's action for SIGCHLD
// is SIG_IGN or has SA_NOCLDWAIT.
_Noreturn void do_exit(int status);

// A vfork child has its own memory now, or is gone: its parent may go on.
void vfork_done(struct proc *p);

// As wait4(2): pid above 0 means that child, -1 any, 0 those of the caller's
// process group, below -1 those of group -pid.  The pid of a ZOMBIE that is
// meant, whose slot is free then and whose status is at `status` (0: nowhere),
// zeros at `rusage`; -EFAULT if one of these cannot be stored, and the child is
// gone all the same.  0 with WNOHANG if none that is meant has ended, else
// sleep.  -ECHILD: none is meant.  -EINVAL: an option other than WNOHANG,
// WUNTRACED, WCONTINUED, WALL_BITS.  -ERESTART: a signal ended the sleep.
int64_t sys_wait4(int64_t pid, uint64_t status, int64_t options,
                  uint64_t rusage);

#endif
