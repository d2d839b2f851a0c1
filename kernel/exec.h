// SPDX-License-Identifier: MIT
// exec.h -- replacing a process's program.
#ifndef EXEC_H
#define EXEC_H

#include "proc.h"

// Load the ELF file at user address `path`.  On success nothing of the old
// program is left, and `tf` starts the new one; on failure nothing has
// changed.  0 or -errno.
int64_t sys_execve(struct trapframe *tf, uint64_t path, uint64_t argv,
                   uint64_t envp);

#endif
