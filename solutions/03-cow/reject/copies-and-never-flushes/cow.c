// SPDX-License-Identifier: MIT
// cow.c -- copy on write: fork shares pages, the first write copies.
// Called by fork.c and by the page fault path in vm.c.  Book: chapter 3.
//
// Invariant: a frame with more than one reference is writable through no page
// table entry, unless it is PTE_SHARED.  A PTE_COW entry is never PTE_W.
// Guarded by interrupts being off: nobody forks or faults in between.
#include "cow.h"

uint64_t cow_copies, cow_takeovers;

int
cow_share(struct vm *to, struct vm *from)
{
    pte_t *pte;
    int error = 0;
    for (uint64_t va = 0; (va = vm_next(from, va, USER_TOP, &pte)) < USER_TOP;
         va += PAGE_SIZE) {
        pte_t entry = *pte;
        if ((entry & PTE_W) && !(entry & PTE_SHARED))
            entry = (entry & ~PTE_W) | PTE_COW;
        error = vm_map(to, va, entry & PTE_FRAME, entry & PTE_FLAGS);
        if (error < 0)
            break;
        frame_share(entry & PTE_FRAME);
        *pte = entry;
    }
    // The processor may still remember that `from` could write.
    return error;
}

int
cow_fault(struct vm *vm, uint64_t va)
{
    pte_t *pte = vm_pte(vm, va, false);
    if (!(*pte & PTE_COW))
        return -EFAULT;
    frame_t old = *pte & PTE_FRAME;
    frame_t mine = old;
    {
        mine = frame_alloc();
        if (mine == 0)
            return -ENOMEM;
        memcpy(frame_ptr(mine), frame_ptr(old), PAGE_SIZE);
        frame_drop(old);
        cow_copies++;
    }
    *pte = mine | (*pte & PTE_FLAGS & ~PTE_COW) | PTE_W;
    vm_flush_page(vm, va);
    return 0;
}
