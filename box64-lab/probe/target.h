// SPDX-License-Identifier: MIT
// target.h -- another process: its memory, its mappings, its guest's symbols.
// Used by probe.c.  Book: chapter 6.
#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct target_map {
    uint64_t start, end, offset;
    bool readable;
    char path[256];          // "" where no file is mapped
};

struct target_file {         // each file once, mapped into this process
    char path[256];
    const char *bytes;
    size_t size;
    uint64_t base;           // where the target has its first byte
    bool guest;              // an x86-64 program or library that box64 runs
};

struct target {
    pid_t pid;
    int mem, pagemap;
    char name[64];
    struct target_map *map;  // by address, adjacent ones of no file joined
    size_t nmaps;
    struct target_file *file;
    size_t nfiles;
};

// False with errno set; nothing is left open then.
bool target_open(struct target *t, pid_t pid);
void target_close(struct target *t);
// False unless all n bytes could be read.
bool target_read(const struct target *t, uint64_t address, void *out, size_t n);
const struct target_map *target_map(const struct target *t, uint64_t address);
// The next stretch of pages that exist, from *from on, before `end`, of at
// most `most` bytes: *from to *to.  False where there is none.
bool target_resident(const struct target *t, uint64_t *from, uint64_t end,
                     size_t most, uint64_t *to);
bool target_environment(const struct target *t, const char *setting);
// The guest function at this address, or box64's bridge, or "".
void target_name(const struct target *t, uint64_t address, char *name,
                 size_t size, uint32_t *offset);

#endif
