// SPDX-License-Identifier: MIT
// cow.h -- copy on write.  Book: chapter 3; lab 3 puts its own cow.c here.
#ifndef COW_H
#define COW_H

#include "vm.h"

// What has happened since boot, for tests and for the curious.
extern uint64_t cow_copies;     // pages copied because somebody wrote
extern uint64_t cow_takeovers;  // pages that their last owner took over

// Map every page of `from` in `to` as well, one more reference each.  A page
// that may be written becomes read-only and PTE_COW in both; one that may not
// is just shared; a PTE_SHARED page keeps its rights.  On return the TLB
// holds no stale right to write.  0, or -ENOMEM with `to` half filled: the
// caller puts it away.  `to` is empty at the start.
int cow_share(struct vm *to, struct vm *from);

// Somebody, the program or the kernel on its behalf, wants to write to the
// page at va (page-aligned, present, not writable).  If it is PTE_COW it is
// private and writable on return: a copy, or the page itself where no one
// else refers to it.  0; -EFAULT if it is not PTE_COW; -ENOMEM.
int cow_fault(struct vm *vm, uint64_t va);

#endif
