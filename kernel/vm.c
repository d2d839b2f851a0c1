// SPDX-License-Identifier: MIT
// vm.c -- address spaces: walking, mapping and unmapping, page faults, and the
// kernel's access to the user's memory.  Frames come from frame.c, shared
// pages are cow.c's business.  Book: chapter 2.
//
// Invariant: every present leaf entry of a user half holds exactly one
// reference to its frame, and vm->pages counts these entries.
#include "boot.h"
#include "cow.h"
#include "proc.h"
#include "vm.h"
#include "x86.h"

#define LEVELS 4
#define ENTRIES 512
#define USER_SLOTS 256          // of the root: the lower half
#define SPACES (NPROC + 8)

extern char text_start[], text_end[], rodata_end[], image_end[];
extern pte_t boot_pd[];

static struct vm spaces[SPACES];
static frame_t kernel_pml4;

static unsigned
slot_of(uint64_t va, int level)
{
    return va >> (PAGE_SHIFT + 9 * level) & (ENTRIES - 1);
}

// How much address space one entry of a table on this level covers.
static uint64_t
span(int level)
{
    return 1UL << (PAGE_SHIFT + 9 * level);
}

// Walk down from `root` to the entry for va in the table on level 0.
static pte_t *
walk(frame_t root, uint64_t va, bool make)
{
    pte_t *table = frame_ptr(root);
    for (int level = LEVELS - 1; level > 0; level--) {
        pte_t *e = &table[slot_of(va, level)];
        if (!(*e & PTE_P)) {
            frame_t f = make ? frame_alloc_zero() : 0;
            if (f == 0)
                return NULL;
            // The rights are the leaf's to refuse.
            *e = f | PTE_P | PTE_W | PTE_U;
        }
        table = frame_ptr(*e & PTE_FRAME);
    }
    return &table[slot_of(va, 0)];
}

pte_t *
vm_pte(struct vm *vm, uint64_t va, bool make)
{
    assert(va < USER_TOP);
    return walk(vm->pml4, va, make);
}

uint64_t
vm_next(struct vm *vm, uint64_t va, uint64_t end, pte_t **pte)
{
    while (va < end) {
        int level = LEVELS - 1;
        pte_t *e = (pte_t *)frame_ptr(vm->pml4) + slot_of(va, level);
        while ((*e & PTE_P) && level > 0)
            e = (pte_t *)frame_ptr(*e & PTE_FRAME) + slot_of(va, --level);
        if (*e & PTE_P) {
            *pte = e;
            return va;
        }
        // On to this table's next entry that is present, or to its end.
        do
            va = ROUND_DOWN(va, span(level)) + span(level);
        while (slot_of(va, level) != 0 && !(*++e & PTE_P));
    }
    return end;
}

// ---- the kernel's own half ------------------------------------------------

static void
map_image(uint64_t start, uint64_t end, uint64_t flags)
{
    for (uint64_t va = start; va < end; va += PAGE_SIZE) {
        pte_t *pte = walk(kernel_pml4, va, true);
        assert(pte != NULL);
        *pte = (va - KERNEL_BASE) | flags | PTE_P;
    }
}

void
vm_init(void)
{
    kernel_pml4 = frame_alloc_zero();
    pte_t *root = frame_ptr(kernel_pml4);
    map_image((uint64_t)text_start, (uint64_t)text_end, 0);
    map_image((uint64_t)text_end, (uint64_t)rodata_end, PTE_NX);
    map_image((uint64_t)rodata_end, (uint64_t)image_end, PTE_W | PTE_NX);
    // Direct map: the loader's directory of 2 MiB pages.
    frame_t pdpt = frame_alloc_zero();
    *(pte_t *)frame_ptr(pdpt) =
        ((uint64_t)boot_pd - KERNEL_BASE) | PTE_P | PTE_W;
    root[slot_of(DIRECT_BASE, 3)] = pdpt | PTE_P | PTE_W;

    // The tables for the kernel stacks are made now and stay: every process
    // copies the root's upper half, so that half must not change any more.
    for (uint64_t i = 0; i < NPROC * KSTACK_STRIDE; i += PAGE_SIZE)
        assert(walk(kernel_pml4, KSTACK_BASE + i, true) != NULL);

    for (int i = USER_SLOTS; i < ENTRIES; i++)
        root[i] &= ~PTE_U;
    vm_use_kernel();
    // No execute in the direct map.  Not before: we ran by way of it.
    for (int i = 0; i < ENTRIES; i++)
        boot_pd[i] |= PTE_NX;
    vm_use_kernel();
    uint32_t reg[4];
    uint64_t cr4 = read_cr4() | CR4_OSFXSR | CR4_OSXMMEXCPT;
    cpuid(0, reg);
    if (reg[0] >= 7) {
        // The kernel never touches a user's address, so it can forbid itself.
        cpuid(7, reg);
        if (reg[1] & 1u << 7)
            cr4 |= CR4_SMEP;
        if (reg[1] & 1u << 20)
            cr4 |= CR4_SMAP;
    }
    write_cr4(cr4);
}

void
vm_use_kernel(void)
{
    write_cr3(kernel_pml4);
}

static pte_t *
kstack_pte(int slot, int page)
{
    uint64_t bottom = KSTACK_BASE + (uint64_t)slot * KSTACK_STRIDE;
    return walk(kernel_pml4, bottom + (1 + (uint64_t)page) * PAGE_SIZE, false);
}

uint64_t
kstack_alloc(int slot)
{
    for (int i = 0; i < KSTACK_PAGES; i++) {
        frame_t f = frame_alloc_zero();
        if (f == 0) {
            kstack_free(slot);
            return 0;
        }
        *kstack_pte(slot, i) = f | PTE_P | PTE_W | PTE_NX;
    }
    return KSTACK_BASE + (uint64_t)(slot + 1) * KSTACK_STRIDE;
}

void
kstack_free(int slot)
{
    for (int i = 0; i < KSTACK_PAGES; i++) {
        pte_t *pte = kstack_pte(slot, i);
        if (*pte & PTE_P)
            frame_drop(*pte & PTE_FRAME);
        *pte = 0;
        invlpg(KSTACK_BASE + (uint64_t)slot * KSTACK_STRIDE
               + (1 + (uint64_t)i) * PAGE_SIZE);
    }
}

int
kstack_guard(uint64_t va)
{
    if (va < KSTACK_BASE || va >= KSTACK_BASE + NPROC * KSTACK_STRIDE)
        return -1;
    uint64_t off = va - KSTACK_BASE;
    return off % KSTACK_STRIDE < PAGE_SIZE ? (int)(off / KSTACK_STRIDE) : -1;
}

// ---- address spaces -------------------------------------------------------

struct vm *
vm_create(void)
{
    struct vm *vm = spaces;
    while (vm < spaces + SPACES && vm->users > 0)
        vm++;
    if (!alloc_allowed() || vm == spaces + SPACES)
        return NULL;
    frame_t root = frame_alloc_zero();
    if (root == 0)
        return NULL;
    *vm = (struct vm){ .users = 1, .pml4 = root };
    memcpy((pte_t *)frame_ptr(root) + USER_SLOTS,
           (pte_t *)frame_ptr(kernel_pml4) + USER_SLOTS,
           USER_SLOTS * sizeof(pte_t));
    return vm;
}

// Drop a table on `level` and all below it.
static void
drop_table(frame_t f, int level, unsigned slots)
{
    pte_t *table = frame_ptr(f);
    for (unsigned i = 0; i < slots; i++) {
        if (!(table[i] & PTE_P))
            continue;
        if (level > 0)
            drop_table(table[i] & PTE_FRAME, level - 1, ENTRIES);
        else
            frame_drop(table[i] & PTE_FRAME);
    }
    frame_drop(f);
}

void
vm_put(struct vm *vm)
{
    assert(vm->users > 0);
    if (--vm->users > 0)
        return;
    assert(read_cr3() != vm->pml4);
    drop_table(vm->pml4, LEVELS - 1, USER_SLOTS);
    vm->pml4 = 0;
}

void
vm_use(struct vm *vm)
{
    write_cr3(vm->pml4);
}

void
vm_flush_page(struct vm *vm, uint64_t va)
{
    if (read_cr3() == vm->pml4)
        invlpg(va);
}

void
vm_flush(struct vm *vm)
{
    if (read_cr3() == vm->pml4)
        write_cr3(vm->pml4);
}

int
vm_map(struct vm *vm, uint64_t va, frame_t f, uint64_t flags)
{
    pte_t *pte = vm_pte(vm, va, true);
    if (pte == NULL)
        return -ENOMEM;
    assert(!(*pte & PTE_P));
    *pte = f | flags | PTE_P;
    vm->pages++;
    return 0;
}

int
vm_alloc(struct vm *vm, uint64_t va, uint64_t len, uint64_t flags)
{
    // Said at once, rather than after filling all of memory.
    if (len / PAGE_SIZE > frames_free)
        return -ENOMEM;
    for (uint64_t off = 0; off < len; off += PAGE_SIZE) {
        frame_t f = frame_alloc_zero();
        if (f == 0 || vm_map(vm, va + off, f, flags) < 0) {
            if (f != 0)
                frame_drop(f);
            vm_free(vm, va, off);
            return -ENOMEM;
        }
    }
    return 0;
}

void
vm_free(struct vm *vm, uint64_t va, uint64_t len)
{
    pte_t *pte;
    uint64_t end = va + len;
    while ((va = vm_next(vm, va, end, &pte)) < end) {
        frame_drop(*pte & PTE_FRAME);
        *pte = 0;
        vm->pages--;
        vm_flush_page(vm, va);
        va += PAGE_SIZE;
    }
}

uint64_t
vm_flags(int prot)
{
    return (prot != 0 ? PTE_U : 0) | (prot & PROT_WRITE ? PTE_W : 0)
           | (prot & PROT_EXEC ? 0 : PTE_NX);
}

int
vm_protect(struct vm *vm, uint64_t va, uint64_t len, uint64_t flags)
{
    uint64_t end = va + len;
    for (; va < end; va += PAGE_SIZE) {
        pte_t *pte = vm_pte(vm, va, false);
        if (pte == NULL || !(*pte & PTE_P))
            return -ENOMEM;
        pte_t kept = *pte & (PTE_FRAME | PTE_SHARED | PTE_P);
        uint64_t now = flags;
        if ((now & PTE_W) && !(kept & PTE_SHARED)
            && frame_refs(kept & PTE_FRAME) > 1)
            now = (now & ~PTE_W) | PTE_COW;
        *pte = kept | now;
        vm_flush_page(vm, va);
    }
    return 0;
}

uint64_t
vm_gap(struct vm *vm, uint64_t len)
{
    pte_t *pte;
    if (len > MMAP_TOP - USER_LOW)
        return 0;
    uint64_t at = MMAP_TOP - len;
    while (at >= USER_LOW) {
        uint64_t taken = vm_next(vm, at, at + len, &pte);
        if (taken == at + len)
            return at;
        if (taken < USER_LOW + len)
            return 0;
        at = taken - len;
    }
    return 0;
}

// ---- faults, and the kernel's access to user memory -----------------------

int
vm_fault(struct vm *vm, uint64_t va, bool write, bool present)
{
    va = ROUND_DOWN(va, PAGE_SIZE);
    if (va >= USER_TOP)
        return -EFAULT;
    if (present)
        return write ? cow_fault(vm, va) : -EFAULT;
    if (va < STACK_TOP - STACK_MAX)
        return -EFAULT;
    return vm_alloc(vm, va, PAGE_SIZE, PTE_U | PTE_W | PTE_NX);
}

void *
vm_access(struct vm *vm, uint64_t va, bool write)
{
    if (va >= USER_TOP)
        return NULL;
    pte_t *pte = vm_pte(vm, va, false);
    bool present = pte != NULL && (*pte & PTE_P);
    if (present && !(*pte & PTE_U))
        return NULL;
    if (!present || (write && !(*pte & PTE_W))) {
        if (vm_fault(vm, va, write, present) < 0)
            return NULL;
        pte = vm_pte(vm, va, false);
    }
    return (char *)frame_ptr(*pte & PTE_FRAME) + va % PAGE_SIZE;
}

int
vm_read(struct vm *vm, void *to, uint64_t va, size_t n)
{
    for (size_t step; n > 0; n -= step, va += step) {
        const void *from = vm_access(vm, va, false);
        if (from == NULL)
            return -EFAULT;
        step = min_u64(n, PAGE_SIZE - va % PAGE_SIZE);
        memcpy(to, from, step);
        to = (char *)to + step;
    }
    return 0;
}

int
vm_write(struct vm *vm, uint64_t va, const void *from, size_t n)
{
    for (size_t step; n > 0; n -= step, va += step) {
        void *to = vm_access(vm, va, true);
        if (to == NULL)
            return -EFAULT;
        step = min_u64(n, PAGE_SIZE - va % PAGE_SIZE);
        memcpy(to, from, step);
        from = (const char *)from + step;
    }
    return 0;
}

int
copy_in(void *to, uint64_t va, size_t n)
{
    return vm_read(current->vm, to, va, n);
}

int
copy_out(uint64_t va, const void *from, size_t n)
{
    return vm_write(current->vm, va, from, n);
}

int64_t
copy_in_string(char *to, uint64_t va, size_t size)
{
    for (size_t n = 0; n < size; n++, va++) {
        const char *from = vm_access(current->vm, va, false);
        if (from == NULL)
            return -EFAULT;
        if ((to[n] = *from) == '\0')
            return (int64_t)n;
    }
    return -ENAMETOOLONG;
}
