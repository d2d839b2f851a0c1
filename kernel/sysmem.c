// SPDX-License-Identifier: MIT
// sysmem.c -- brk, mmap, munmap, mprotect, for memory without a file behind
// it.  Pages are there at once, so that running out is an error code and not
// a death later on.  Called by syscall.c.
#include "file.h"
#include "proc.h"
#include "sysmem.h"

#define PROT_ALL (PROT_READ | PROT_WRITE | PROT_EXEC)

static bool
is_free(struct vm *vm, uint64_t at, uint64_t len)
{
    pte_t *pte;
    return vm_next(vm, at, at + len, &pte) == at + len;
}

// Is [at, at + len) inside the user's half?
static bool
in_user_half(uint64_t at, uint64_t len)
{
    return at < USER_TOP && len <= USER_TOP - at;
}

int64_t
sys_brk(uint64_t to)
{
    struct vm *vm = current->vm;
    if (to < vm->brk_start || to >= MMAP_TOP)
        return (int64_t)vm->brk;
    uint64_t old = ROUND_UP(vm->brk, PAGE_SIZE);
    uint64_t new = ROUND_UP(to, PAGE_SIZE);
    if (new < old)
        vm_free(vm, new, old - new);
    else if (new > old && (!is_free(vm, old, new - old)
                           || vm_alloc(vm, old, new - old,
                                       PTE_U | PTE_W | PTE_NX) < 0))
        return (int64_t)vm->brk;
    vm->brk = to;
    return (int64_t)to;
}

int64_t
sys_mmap(uint64_t at, uint64_t len, int prot, uint32_t flags, int fd,
         uint64_t offset)
{
    struct vm *vm = current->vm;
    bool fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
    if (offset % PAGE_SIZE != 0)
        return -EINVAL;
    if (!(flags & MAP_ANONYMOUS))
        return file_get(fd) == NULL ? -EBADF : -ENODEV;
    uint32_t sharing = flags & (MAP_SHARED | MAP_PRIVATE);
    if (len == 0)
        return -EINVAL;
    len = ROUND_UP(len, PAGE_SIZE);
    if (len == 0 || len > USER_TOP)
        return -ENOMEM;
    if (fixed && !in_user_half(at, len))
        return -ENOMEM;
    if (fixed && at % PAGE_SIZE != 0)
        return -EINVAL;
    if (fixed && at < USER_LOW)
        return -EPERM;
    if (sharing != MAP_SHARED && sharing != MAP_PRIVATE)
        return -EINVAL;
    if (flags & MAP_FIXED_NOREPLACE) {
        if (!is_free(vm, at, len))
            return -EEXIST;
    } else if (fixed) {
        vm_free(vm, at, len);
    } else {
        at = ROUND_DOWN(at, PAGE_SIZE);
        if (at < USER_LOW || at > MMAP_TOP || len > MMAP_TOP - at
            || !is_free(vm, at, len))
            at = vm_gap(vm, len);
        if (at == 0)
            return -ENOMEM;
    }
    uint64_t shared = sharing == MAP_SHARED ? PTE_SHARED : 0;
    int error = vm_alloc(vm, at, len, vm_flags(prot & PROT_ALL) | shared);
    return error < 0 ? error : (int64_t)at;
}

int64_t
sys_munmap(uint64_t at, uint64_t len)
{
    if (at % PAGE_SIZE != 0 || len == 0 || len > USER_TOP)
        return -EINVAL;
    len = ROUND_UP(len, PAGE_SIZE);
    if (!in_user_half(at, len))
        return -EINVAL;
    vm_free(current->vm, at, len);
    return 0;
}

int64_t
sys_mprotect(uint64_t at, uint64_t len, uint32_t prot)
{
    if (at % PAGE_SIZE != 0)
        return -EINVAL;
    if (len == 0)
        return 0;
    len = ROUND_UP(len, PAGE_SIZE);
    if (at + len <= at || !in_user_half(at, len))
        return -ENOMEM;
    if (prot & ~(uint32_t)PROT_ALL)
        return -EINVAL;
    return vm_protect(current->vm, at, len, vm_flags((int)prot));
}
