// SPDX-License-Identifier: MIT
// proc.h -- look at other people's processes through /proc.
// Used by cell.c (limits on a whole tree) and by judges.
#ifndef PROC_H
#define PROC_H

#include <stddef.h>
#include <sys/types.h>

// Call visit(pid, arg) for every living descendant of `root`, not for `root`
// itself, parents before children, until it returns non-zero; returns that.
// Processes that come or go meanwhile may be missed.
int proc_walk(pid_t root, int (*visit)(pid_t pid, void *arg), void *arg);

// How many descendants, and how many bytes resident in all of them together.
// A page that several of them share is counted once for each, unless `shared`
// is non-zero: then by its share (slower; see smaps_rollup in proc(5)).
struct proc_use {
    unsigned processes;
    size_t bytes;
};
struct proc_use proc_use(pid_t root, int shared);

// The pid of the descendant of `root` which, in the innermost pid namespace
// that it lives in, is called `inner`; 0 if there is none.
pid_t proc_find_inner(pid_t root, pid_t inner);

// The descendant of `root` that executes the file `exe`; 0 if there is none.
pid_t proc_find_exe(pid_t root, const char *exe);

// How many processes the user `uid` has on this machine.
unsigned proc_count_user(uid_t uid);

#endif
