// SPDX-License-Identifier: MIT
// probe.h -- reads the dynablocks of a running box64, from outside.
// main.c prints them; ../repro/watch.c measures with it.  Book: chapter 6.
//
// box64 runs on arm64 itself, or under qemu-aarch64: then what it calls an
// address is one of the qemu process's, as long as qemu adds nothing to it.
// Nothing is written, nothing is stopped: a process that runs may change while
// it is read.
#ifndef PROBE_H
#define PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct probe_block {
    uint64_t address;       // of the dynablock_t
    uint64_t code;          // of its native code
    uint64_t guest;         // x64_addr, what it translates
    uint64_t guest_size, native_size;
    uint32_t in_used, tick;
    bool done, gone;        // finished; given up, its guest code has changed
    char name[64];          // guest function, "bridge:NAME", or ""
    uint32_t offset;        // of `guest` in that function
};

struct probe_view {
    char version[32];       // "0.4.3"
    char layout[32];        // the structure that was found, "0.4.3-3"
    bool counting;          // its environment has BOX64_DYNAREC_PURGE=1
    size_t nblocks;
    struct probe_block *block;    // by guest address
    size_t chunks;          // pieces of memory that box64 mapped for blocks,
    uint64_t mapped;        // their bytes, free or not
    size_t broken;          // of the chunks: not read to the end, since they
                            // kept changing or were half changed at a fork
};

enum probe_error {
    PROBE_OK,
    PROBE_NO_PROCESS,       // none, or we may not read it
    PROBE_NOT_BOX64,
    PROBE_NO_DYNAREC,       // a box64 that only interprets
    PROBE_UNKNOWN_VERSION,  // older than 0.4.0, newer than we know, or its
                            // blocks have a layout that we do not know
    PROBE_NO_BLOCKS,        // a box64, but it has not made a block
    PROBE_SYSTEM,           // errno
};

// What is in process pid.  `layout` names one to use whatever the version, or
// is NULL.  On PROBE_OK the view must be given to probe_free(); else `text`
// (of `size` bytes) says what is wrong and what to do.
enum probe_error probe(pid_t pid, const char *layout, struct probe_view *view,
                       char *text, size_t size);
void probe_free(struct probe_view *view);
// The layouts that probe() knows, a line each, oldest first.
const char *probe_layouts(void);

#endif
