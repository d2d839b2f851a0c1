// SPDX-License-Identifier: MIT
// arena.c -- memory that is cheap to fork: huge pages, shared maps, DONTFORK.
// Used by simulations.  Book: chapters 7 and 10.
//
// fork() copies a page table entry for each page of private memory that was
// touched: 25,600 for 100 MB of 4 KiB pages, 50 in pages of 2 MiB.  A shared
// mapping costs nothing (its entries are found again on demand), nor does one
// that the child does not get.

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include "world.h"

#define HUGE_PAGE ((size_t)2 << 20)

struct split_arena {
    enum split_arena_kind kind;
    size_t size;                // of what can be allocated
    size_t used;
    char *base;                 // aligned to a huge page
    void *map;
    size_t map_size;
};

struct split_arena *
split_arena_new(enum split_arena_kind kind, size_t bytes)
{
    size_t head = (sizeof(struct split_arena) + 15) & ~(size_t)15;
    size_t size = (bytes + head + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
    int flags = MAP_ANONYMOUS | MAP_NORESERVE |
                (kind == SPLIT_ARENA_SHARED ? MAP_SHARED : MAP_PRIVATE);
    struct split_arena *a;
    uintptr_t base;
    void *map;

    if (bytes > SIZE_MAX / 2) {
        errno = ENOMEM;
        return NULL;
    }
    map = split_system.mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE,
                            flags, -1, 0);
    if (map == MAP_FAILED)
        return NULL;
    base = ((uintptr_t)map + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
    // Advice only: without huge pages it works too, and costs more.
    madvise((void *)base, size, MADV_HUGEPAGE);
    if (kind == SPLIT_ARENA_OWN && madvise(map, size + HUGE_PAGE,
                                           MADV_DONTFORK)) {
        munmap(map, size + HUGE_PAGE);
        return NULL;
    }
    a = (struct split_arena *)base;
    a->kind = kind;
    a->base = (char *)base + head;
    a->size = bytes;
    a->map = map;
    a->map_size = size + HUGE_PAGE;
    return a;
}

void *
split_arena_alloc(struct split_arena *a, size_t bytes)
{
    size_t need = bytes > SIZE_MAX - 15 ? bytes : (bytes + 15) & ~(size_t)15;
    void *p;

    if (need > a->size - a->used) {
        if (self.world)
            split_out_of_memory(bytes);
        return NULL;
    }
    p = a->base + a->used;
    a->used += need;
    return p;
}

size_t
split_arena_used(const struct split_arena *a)
{
    return a->used;
}

void
split_arena_reset(struct split_arena *a)
{
    memset(a->base, 0, a->used);
    a->used = 0;
}

void
split_arena_free(struct split_arena *a)
{
    if (a)
        munmap(a->map, a->map_size);
}
