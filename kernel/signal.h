// SPDX-License-Identifier: MIT
// signal.h -- signals: sending, and delivering on the way to user mode.
#ifndef SIGNAL_H
#define SIGNAL_H

#include "proc.h"

// Is there a signal that p would notice?
bool signal_pending(const struct proc *p);

// Send; a signal that p ignores is gone at once, init gets only those for
// which it has a handler.
void signal_send(struct proc *p, int sig);

// Send to every process of a group.  How many there were.
int signal_group(int pgid, int sig);

// For a fault: the running process gets it now, even if it blocks or ignores
// it (then it dies of it).
void signal_force(int sig);

// On the way back to user mode by tf: handlers, deaths, stops, and what
// becomes of a system call that a signal ended.
void signal_deliver(struct trapframe *tf);

// execve: handlers are gone with the program that had them.
void signal_exec(struct proc *p);

// System calls.
int64_t sys_kill(int64_t pid, int64_t sig);
int64_t sys_tgkill(int64_t tgid, int64_t tid, int64_t sig);
int64_t sys_rt_sigaction(int64_t sig, uint64_t act, uint64_t old, size_t size);
int64_t sys_rt_sigprocmask(int64_t how, uint64_t set, uint64_t old,
                           size_t size);
int64_t sys_rt_sigpending(uint64_t set, size_t size);
int64_t sys_rt_sigsuspend(uint64_t set, size_t size);
int64_t sys_rt_sigreturn(struct trapframe *tf);
int64_t sys_pause(void);

#endif
