// SPDX-License-Identifier: MIT
// child.h -- the life of one child process: fork, wait, what it died of.
// Implemented by child.c, used by split.c, window.c and warden.c.
// Book: chapters 7 and 8.
#ifndef SPLIT_CHILD_H
#define SPLIT_CHILD_H

#include "loop.h"

// Child number `index` of split `p`, from 0 on through all batches, is to live
// in `s`, a slot taken for it.  Its seed follows from the index.  It does not
// count yet.
void child_prepare(struct point *p, struct slot *s, unsigned index);
// It counts: it gets its number in the tree, and its split one child more
// (p->spent.spawned).
// child_uncount() undoes that; the newest only.
void child_count(struct point *p, struct slot *s);
void child_uncount(struct point *p);
// Forks it.  Returns 0 in the child, 1 in the parent, -errno (with `s` free
// again) if the fork failed `tries` times; 0: one try, and nobody minds.
int child_fork(struct slot *s, unsigned tries);

// Forks a timeline without a parent among the timelines: `path` leads to it (0
// steps: a root), and sim(arg) begins once more.  1, or -errno with `s` free.
// No return in the child: it ends with what sim returns.
int child_start_root(struct slot *s, const struct split_step *path, size_t len,
                     uint64_t parent_node, const struct mark *mark,
                     split_sim *sim, void *arg);

// The warden, once: makes this process and its descendants cheaper to fork.
void child_slim(void);

// From now on, exit() in this process and its descendants is a finding.
void child_catch_exit(void);

// Waits for the child in `s`, takes its coverage and its finding, and frees
// the slot.  Returns its yield: coverage that nobody had before.  A child that
// is past its deadline (config.wall_ms) is killed, here and in child_wait_or().
uint64_t child_wait(struct slot *s);
// The same, but returns false after timeout_ms (-1: never), and when wake_fd
// is readable.  `fd` is that of child_watch().
bool child_wait_or(struct slot *s, int fd, int wake_fd, int timeout_ms,
                   uint64_t *yield);
// Reaps `s` if it has ended (flags WNOHANG) or waits for that (0), and settles
// it.  Whether it had ended.
bool child_reap(struct slot *s, int flags, uint64_t *yield);
// Kills a child that runs ahead and reaps it, as if it had never been, and frees
// its slot.
void child_discard(struct slot *s);
// A descriptor that is readable when the child in `s` has ended; -1 where the
// system has none.
int child_watch(const struct slot *s);
// Around a sleep of this timeline: its deadline does not run meanwhile.
void child_begin_waiting(enum slot_state state);
void child_end_waiting(void);

// Passes on what this timeline covered so far: before its children start.
void child_publish(void);
// While a timeline has children, SIGCHLD is neither ignored nor handled: the
// way a child died would else be lost.
void children_expected(bool are);

// Slots.  slot_take() returns NULL when all are in use; slot_take_waiting()
// sleeps until the warden has freed one.
struct slot *slot_take(struct world *w);
struct slot *slot_take_waiting(struct world *w);
void slot_free(struct world *w, struct slot *s);
// Sleeps until slot_freed is not `seen` any more, or 20 ms are over.
void slot_sleep(struct world *w, uint32_t seen);
// Whether a slot will be free soon: its timeline is evicted, or an orphan.
bool slot_any_leaving(struct world *w);
bool slot_has_children(struct world *w, const struct slot *s);

// Waits for a replay in `s`: how it ended, without coverage, tree or finding.
void child_settle_replay(struct slot *s, enum split_death *death, int *code);

// edges.c
size_t edges_count(void);
void edges_clear(void);
void edges_collect(unsigned char *to);      // buckets of the counts so far
// /proc/vmstat's count of processes killed for memory; 0 if there is none.
uint64_t oom_kills(void);

#endif
