// SPDX-License-Identifier: MIT
// sysmem.h -- the system calls on memory.
#ifndef SYSMEM_H
#define SYSMEM_H

#include "base.h"

int64_t sys_brk(uint64_t to);
int64_t sys_mmap(uint64_t at, uint64_t len, int prot, uint32_t flags, int fd,
                 uint64_t offset);
int64_t sys_munmap(uint64_t at, uint64_t len);
int64_t sys_mprotect(uint64_t at, uint64_t len, uint32_t prot);

#endif
