// SPDX-License-Identifier: MIT
// dyn.h -- the small dynarec: blocks, the code cache, threads, signals.
// dyn.c runs, cache.c keeps the blocks, translate.c makes them, inuse.c puts
// their counters right after a fork.  Book: chapter 6.
//
//     struct dyn *d = dyn_new(&guest, (struct dyn_limits){0});
//     struct cpu cpu;
//     dyn_thread_start(d, &cpu);
//     cpu.call(&cpu, entry);          // returns when the guest code has
//     dyn_thread_end(&cpu);
//     dyn_free(d);
//
// One at a time in a process, as box64 has one context.  fork() may be called
// by any thread at any time, from native functions and signal handlers too.
#ifndef DYN_H
#define DYN_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "guest.h"

#define SLOT_SIZE 1024    // bytes of native code that one block may have
#define CHUNK_SLOTS 16    // blocks that are mapped at a time
#define BLOCK_INSNS 12    // guest instructions a block has at most
#define MAX_CHUNKS 64

// A translated basic block.  Descriptor number i of a chunk belongs to slot i
// of that chunk for ever: purging frees the slot for another guest address,
// never the descriptor.  `pc`, `size` and `live` change under dyn->lock only.
struct block {
    unsigned char *code;      // the slot; entered at its first byte
    uint32_t size;            // bytes of code
    atomic_uint in_used;      // how often it is being run, by all threads
    atomic_uint tick;         // dyn->tick when it was last entered
    uint32_t pc, insns;       // the guest code it stands for
    bool live;                // holds a block, may be run
};

// A piece of the code cache.  The descriptors are a mapping of their own, so
// that code pages stay clean when counters change.
struct chunk {
    unsigned char *code;      // CHUNK_SLOTS slots of SLOT_SIZE
    struct block *block;      // CHUNK_SLOTS descriptors
};

struct dyn_limits {           // 0: the default
    uint32_t chunks;          // that may be mapped (MAX_CHUNKS)
    uint32_t purge_age;       // ticks a block must be old to be purged (4)
};

struct dyn_stats {
    uint64_t translated, purges, purged, interpreted, grown;
};

struct dyn {
    const struct guest *guest;
    struct dyn_limits limits;
    uint32_t ncode;           // guest->ncode, for the emitted code
    atomic_uint tick;         // advances with every translation
    uint32_t (*enter)(struct cpu *cpu, uint32_t pc);  // emitted, see translate
    void *leave;              // emitted: where blocks go back to C
    unsigned char *glue;      // the page that holds these two

    // dyn->lock must be held, signals blocked: dyn_lock()
    pthread_mutex_t lock;
    sigset_t mask;            // to restore at unlock
    struct chunk chunk[MAX_CHUNKS];
    uint32_t chunks;
    struct cpu *cpus;         // all threads that may run blocks
    struct dyn_stats stats;

    uint32_t handler[NSIG];   // guest addresses + 1

    // The block for each guest address, or NULL; only the lock's owner stores.
    _Atomic(struct block *) table[];
};

// dyn.c.  dyn_new gives NULL with errno set; nothing else here fails.
struct dyn *dyn_new(const struct guest *guest, struct dyn_limits limits);
void dyn_free(struct dyn *d);
// *cpu is made anew: registers 0, fuel for a billion jumps.  It belongs to the
// calling thread until dyn_thread_end().
void dyn_thread_start(struct dyn *d, struct cpu *cpu);
void dyn_thread_end(struct cpu *cpu);
// Let guest code at pc handle a signal, with registers of its own (r0: the
// signal's number).  `flags` as for sigaction, SA_ONSTACK for instance.
void dyn_signal(struct dyn *d, int signo, uint32_t pc, int flags);
void dyn_lock(struct dyn *d);
void dyn_unlock(struct dyn *d);

// cache.c; the lock must be held.
int cache_grow(struct dyn *d);              // 0, or -ENOMEM
struct block *cache_slot(struct dyn *d);    // a free one, or NULL
uint32_t cache_purge(struct dyn *d);        // how many slots it freed
void cache_publish(struct dyn *d, struct block *b);
void cache_unmap(struct dyn *d);
// The live block of this chunk with this address inside its code, or NULL.  A
// block's first byte does not count: who stands there has not entered it yet.
struct block *block_at(const struct chunk *c, uintptr_t address);

// translate.c; both write code and publish nothing.
void translate_glue(struct dyn *d);
void translate(struct dyn *d, struct block *b, uint32_t pc);

#endif
