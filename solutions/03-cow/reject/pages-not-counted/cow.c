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
    pte_t *pte, *copy;
    uint64_t va;
    // First the tables, which can fail; then the entries, which cannot.
    for (va = 0; (va = vm_next(from, va, USER_TOP, &pte)) < USER_TOP;
         va += PAGE_SIZE)
        if (vm_pte(to, va, true) == NULL)
            return -ENOMEM;
    for (va = 0; (va = vm_next(from, va, USER_TOP, &pte)) < USER_TOP;
         va += PAGE_SIZE) {
        copy = vm_pte(to, va, false);
        if ((*pte & (PTE_W | PTE_SHARED)) == PTE_W)
            *pte = (*pte & ~PTE_W) | PTE_COW;
        frame_share(*pte & PTE_FRAME);
        *copy = *pte;
    }
    vm_flush(from);
    return 0;
}

// Make the entry writable, with this frame behind it.
static void
settle(struct vm *vm, uint64_t va, pte_t *pte, frame_t f)
{
    *pte = f | (*pte & PTE_FLAGS & ~PTE_COW) | PTE_W;
    vm_flush_page(vm, va);
}

int
cow_fault(struct vm *vm, uint64_t va)
{
    pte_t *pte = vm_pte(vm, va, false);
    frame_t old = *pte & PTE_FRAME;
    if (!(*pte & PTE_COW))
        return -EFAULT;
    if (frame_refs(old) == 1) {
        settle(vm, va, pte, old);
        cow_takeovers++;
        return 0;
    }
    frame_t copy = frame_alloc();
    if (copy == 0)
        return -ENOMEM;
    memcpy(frame_ptr(copy), frame_ptr(old), PAGE_SIZE);
    settle(vm, va, pte, copy);
    frame_drop(old);
    cow_copies++;
    return 0;
}
