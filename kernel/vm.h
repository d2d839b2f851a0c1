// SPDX-License-Identifier: MIT
// vm.h -- a process's address space: four levels of page table and nothing
// else.  The page table is the only record of what is mapped; what the
// hardware's bits cannot say is kept in the bits it leaves to us.
// Book: chapter 2.
#ifndef VM_H
#define VM_H

#include "frame.h"

//   63   62..52   51..........12   11   10    9   8..6   5  4..3  2   1   0
//  +----+-------+----------------+----+------+---+------+-+------+---+---+---+
//  | NX |       | frame          |    |SHARED|COW|      |A|      | U | W | P |
//  +----+-------+----------------+----+------+---+------+-+------+---+---+---+
typedef uint64_t pte_t;

#define PTE_P 0x1UL         // present
#define PTE_W 0x2UL         // may be written
#define PTE_U 0x4UL         // by the user too; absent: PROT_NONE
#define PTE_BIG 0x80UL      // in a level-2 entry: a 2 MiB page
#define PTE_COW 0x200UL     // ours: may be written, after a copy (cow.c)
#define PTE_SHARED 0x400UL  // ours: MAP_SHARED, never copied on write
#define PTE_NX (1UL << 63)  // may not be executed
#define PTE_FRAME 0x000ffffffffff000UL
#define PTE_FLAGS (~PTE_FRAME)

struct vm {
    int users;              // processes; two only between vfork and exec
    frame_t pml4;           // the root; its upper half is the kernel's
    uint64_t brk_start;     // the heap: [brk_start, brk)
    uint64_t brk;
    size_t pages;           // user pages mapped
};

// Build the kernel's own tables and use them.
void vm_init(void);

// The page tables to use while no process's are: the kernel's half only.
void vm_use_kernel(void);

// An empty address space with one user; NULL if anything runs out.
struct vm *vm_create(void);

// One user less; with the last, everything goes: pages, tables, root.
// Must not be the one in CR3 if it is the last.
void vm_put(struct vm *vm);

// Make it the one in CR3.
void vm_use(struct vm *vm);

// The entry of the page at va, present or not; NULL if a table is missing and
// `make` is false, or if memory ran out.
pte_t *vm_pte(struct vm *vm, uint64_t va, bool make);

// The first mapped page in [va, end): its address, and its entry in *pte.
// Returns end if there is none.
uint64_t vm_next(struct vm *vm, uint64_t va, uint64_t end, pte_t **pte);

// Map a frame, whose reference passes to the page table.  Nothing may be
// mapped at va.  0 or -ENOMEM (the reference stays with the caller).
int vm_map(struct vm *vm, uint64_t va, frame_t f, uint64_t flags);

// Map fresh zeroed pages to [va, va + len), all or none.  0 or -ENOMEM.
int vm_alloc(struct vm *vm, uint64_t va, uint64_t len, uint64_t flags);

// Unmap whatever is mapped in [va, va + len).
void vm_free(struct vm *vm, uint64_t va, uint64_t len);

// Give the pages of [va, va + len) the rights of `flags` (of vm_flags).
// 0, or -ENOMEM if a page in between is not mapped.
int vm_protect(struct vm *vm, uint64_t va, uint64_t len, uint64_t flags);

// The highest free range of len bytes below MMAP_TOP; 0 if there is none.
uint64_t vm_gap(struct vm *vm, uint64_t len);

// PROT_... as bits of an entry.
uint64_t vm_flags(int prot);

// Forget what the TLB knows of a page, or of the user's whole half.  Does
// nothing if vm is not the one in CR3: then the TLB knows nothing of it.
void vm_flush_page(struct vm *vm, uint64_t va);
void vm_flush(struct vm *vm);

// The page fault at va: 0 if it has been seen to and the instruction can run
// again, -EFAULT if the program may not do this, -ENOMEM if there was no
// memory to let it.
int vm_fault(struct vm *vm, uint64_t va, bool write, bool present);

// The kernel never follows a user's pointer; it asks here, page by page, with
// the rights that the user has, and copies through the direct map.  0 or
// -EFAULT (something may have been copied by then).
int vm_read(struct vm *vm, void *to, uint64_t va, size_t n);
int vm_write(struct vm *vm, uint64_t va, const void *from, size_t n);

// Where the kernel finds the byte at va, good to the end of its page: NULL if
// the user may not do this there.
void *vm_access(struct vm *vm, uint64_t va, bool write);

// The same for the running process.
int copy_in(void *to, uint64_t va, size_t n);
int copy_out(uint64_t va, const void *from, size_t n);

// Copy a string in.  Its length, -EFAULT, or -ENAMETOOLONG if it does not fit
// in size.
int64_t copy_in_string(char *to, uint64_t va, size_t size);

// Kernel stacks, each with an unmapped page below.  kstack_alloc returns the
// address above the highest byte of stack number `slot`, or 0.
uint64_t kstack_alloc(int slot);
void kstack_free(int slot);

// Is va in the guard page of a stack?  Then the slot's number, else -1.
int kstack_guard(uint64_t va);

#endif
