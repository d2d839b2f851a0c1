// SPDX-License-Identifier: MIT
// ways.h -- the ways to make a process, or to do without; see ways.c.
#pragma once

#include <stddef.h>

enum way {
    WAY_FORK,
    WAY_VFORK,
    WAY_CLONE3,     // clone3() with CLONE_VM | CLONE_VFORK
    WAY_PIDFD,      // clone() with CLONE_PIDFD
    WAY_FORK_EXEC,  // this very program, which exits at once
    WAY_SPAWN,      // posix_spawn() of the same
    WAY_THREAD,     // pthread_create() and pthread_join()
    WAY_POOL,       // a byte to a process made earlier, and one back
    WAYS
};
extern const char *const way_names[WAYS];

// Who writes to pages after the fork (WAY_FORK only).
enum writer {
    NOBODY,
    CHILD,
    PARENT,       // while the child is held, so every page is copied
    PARENT_LATE,  // after the child is gone, so none is
    WRITERS
};
extern const char *const writer_names[WRITERS];

struct after {
    enum writer who;
    char *base;    // the first page to write to, and then every step bytes
    size_t step;
    long pages;
};

// One process made, ended and waited for.  Times in microseconds.
struct sample {
    double wall;    // all of it
    double create;  // until the call returned to the parent
    double exit;    // until the child was seen to have ended
    double reap;    // until the zombie was gone
    double core;    // what parent and child used of a core
    double faults_parent, faults_child;
};

// What a process needs in order to make others, and what it made.
struct maker {
    int hold[2];            // a pipe on which a child is held
    int ask[2], answer[2];  // to and from the pool's worker
    int pool;               // its pid
    long made, reaped;
};

// Start the pool's worker and open the pipes: before memory is taken, as a
// pool is.  Returns 0 or -errno.
int maker_open(struct maker *m);

// End the worker.  Returns how many children are still there: 0.
int maker_close(struct maker *m);

// Make a process that way.  Returns 0 and fills s, or -errno.
int way_once(struct maker *m, enum way way, const struct after *after,
             struct sample *s);

// What the program made by WAY_FORK_EXEC and WAY_SPAWN is called with.
#define WAY_EXIT_ARG "--exit-at-once"
