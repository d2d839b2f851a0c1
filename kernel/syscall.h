// SPDX-License-Identifier: MIT
// syscall.h -- the system calls: number in RAX, arguments in RDI, RSI, RDX,
// R10, R8, R9, result or -errno in RAX.
#ifndef SYSCALL_H
#define SYSCALL_H

#include "trap.h"

void syscall(struct trapframe *tf);

#endif
