// SPDX-License-Identifier: MIT
// trap.h -- the saved registers of whoever was interrupted, and the ways into
// the kernel.  Book: chapter 2.
#ifndef TRAP_H
#define TRAP_H

#include "base.h"

// What entry.S leaves on the kernel stack, lowest address first.  The offsets
// for the assembly come from offsets.c; the last five words are the
// processor's, in its own order.
struct trapframe {
    uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
    uint64_t rax, rcx, rdx, rsi, rdi;
    uint64_t vector;
    uint64_t error;     // of an exception; the number, of a system call
    uint64_t rip, cs, rflags, rsp, ss;
};

// The descriptor tables, and where `syscall` enters.
void trap_init(void);

// Where the processor finds its stack when it comes from user mode.
void trap_set_stack(uint64_t top);

// Did the interrupt come from user mode?
static inline bool
from_user(const struct trapframe *tf)
{
    return (tf->cs & 3) == 3;
}

// entry.S: the way back to where the trap frame says; the stack pointer is at
// the frame.
void trap_return(void);

// Called by entry.S with interrupts off, for every vector.
void trap(struct trapframe *tf);

#endif
