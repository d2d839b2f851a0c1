// SPDX-License-Identifier: MIT
// frame.h -- physical memory, one page at a time, with a count of how many
// page table entries (or other owners) refer to each frame.  Book: chapter 3.
#ifndef FRAME_H
#define FRAME_H

#include "base.h"

// A frame's physical address, a multiple of PAGE_SIZE; 0 is no frame.
typedef uint64_t frame_t;

// Everything here is guarded by interrupts being off, as the whole kernel is.
extern size_t frames_total;     // that the allocator started with
extern size_t frames_free;      // now
extern size_t frames_reserve;   // kept for init, see frame_alloc

// Give every usable frame of boot_info to the allocator, except those of the
// kernel's image and of the archive.
void frame_init(void);

// A frame with one reference and undefined content; 0 if there is none left,
// or if only frames_reserve are and the caller is neither init nor one of
// init's own children: somebody must be able to clean up.
frame_t frame_alloc(void);

// As frame_alloc, all zeros.
frame_t frame_alloc_zero(void);

// One more reference to a frame that has at least one.
void frame_share(frame_t f);

// One reference less; with the last, the frame is free.
void frame_drop(frame_t f);

unsigned frame_refs(frame_t f);

// Where the kernel sees physical memory.
static inline void *
frame_ptr(uint64_t pa)
{
    return (void *)(DIRECT_BASE + pa);
}

// Failure on demand.  Whatever can run out asks alloc_allowed() first; after
// alloc_fail(n), the n-th of these questions is answered "no", once.
// alloc_fail(0) ends that.  alloc_tripped: has it happened?
bool alloc_allowed(void);
void alloc_fail(uint64_t n);
bool alloc_tripped(void);

#endif
