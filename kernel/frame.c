// SPDX-License-Identifier: MIT
// frame.c -- the frame allocator: a free list that is threaded through the
// free frames themselves, and a reference count per frame.  Book: chapter 3.
//
// Invariant: a frame is on the free list if and only if its count is 0 and it
// was ever given to the allocator.
#include "boot.h"
#include "frame.h"
#include "proc.h"

#define FRAMES (MEM_MAX / PAGE_SIZE)
#define POISON 0xa5

extern char image_end[];

size_t frames_total, frames_free;
size_t frames_reserve = 64;

static uint16_t refs[FRAMES];
static frame_t free_list;
static uint64_t fail_in;
static bool tripped;

static uint16_t *
count(frame_t f)
{
    if (f == 0 || f % PAGE_SIZE != 0 || f >= MEM_MAX)
        panic("frame: %p is not a frame", (void *)f);
    return &refs[f / PAGE_SIZE];
}

static void
put_on_list(frame_t f)
{
    *(frame_t *)frame_ptr(f) = free_list;
    free_list = f;
    frames_free++;
}

static bool
overlaps(uint64_t start, uint64_t end, struct boot_range r)
{
    return start < r.end && r.start < end;
}

void
frame_init(void)
{
    struct boot_range image = { 0, (uint64_t)image_end - KERNEL_BASE };
    for (int i = 0; i < boot_info.memories; i++) {
        struct boot_range r = boot_info.memory[i];
        for (uint64_t f = r.end - PAGE_SIZE; f + PAGE_SIZE > r.start;
             f -= PAGE_SIZE) {
            if (!overlaps(f, f + PAGE_SIZE, image)
                && !overlaps(f, f + PAGE_SIZE, boot_info.archive))
                put_on_list(f);
            if (f == 0)
                break;
        }
    }
    frames_total = frames_free;
    frames_reserve = boot_option("reserve", frames_reserve);
}

bool
alloc_allowed(void)
{
    if (fail_in == 0 || --fail_in > 0)
        return true;
    tripped = true;
    return false;
}

void
alloc_fail(uint64_t n)
{
    fail_in = n;
    tripped = tripped && n == 0;
}

bool
alloc_tripped(void)
{
    return tripped;
}

frame_t
frame_alloc(void)
{
    frame_t f = free_list;
    bool reserved = frames_free <= frames_reserve;
    if (!alloc_allowed() || f == 0)
        return 0;
    if (reserved && current != NULL && !current->trusted)
        return 0;
    assert(*count(f) == 0);
    free_list = *(frame_t *)frame_ptr(f);
    frames_free--;
    *count(f) = 1;
    return f;
}

frame_t
frame_alloc_zero(void)
{
    frame_t f = frame_alloc();
    if (f != 0)
        memset(frame_ptr(f), 0, PAGE_SIZE);
    return f;
}

void
frame_share(frame_t f)
{
    uint16_t *n = count(f);
    if (*n == 0 || *n == UINT16_MAX)
        panic("frame_share: frame %p has %u references", (void *)f, *n);
    ++*n;
}

void
frame_drop(frame_t f)
{
    uint16_t *n = count(f);
    if (*n == 0)
        panic("frame_drop: frame %p is free already", (void *)f);
    if (--*n > 0)
        return;
    // Whoever still uses it shall notice.
    memset(frame_ptr(f), POISON, PAGE_SIZE);
    put_on_list(f);
}

unsigned
frame_refs(frame_t f)
{
    return *count(f);
}
