// SPDX-License-Identifier: MIT
// child.h -- the life of one child process: fork, wait, what it died of.
// Implemented by child.c, used by split.c, window.c and warden.c.
// Book: chapters 7 and 8.
#ifndef SPLIT_CHILD_H
#define SPLIT_CHILD_H

#include "loop.h"

// Forks the next timeline of `p` into `s`, a slot taken for it.  Returns 0 in
// the child, 1 in the parent, -errno (with `s` free again) if the fork failed
// for as often as the configuration says.
int child_start(struct point *p, struct slot *s);
// The same for a timeline without a parent among the timelines: `path` leads
// to it (0 steps: a root), and sim(arg) begins once more.  No return in the
// child: it ends with what sim returns.
int child_start_root(struct slot *s, const struct split_step *path, size_t len,
                     uint64_t parent_node, const struct mark *mark,
                     split_sim *sim, void *arg);

// Waits for the child in `s`, takes its coverage and its finding, and frees
// the slot.  Returns its yield: coverage that nobody had before.
uint64_t child_wait(struct slot *s);
// Waits until one of n > 0 children has ended, settles it like child_wait(),
// and returns its index; *yield as above.  `fds` are those of child_watch().
int child_wait_any(struct slot **s, const int *fds, int n, uint64_t *yield);
// The same, but gives up (-1) after timeout_ms (-1: never), or when wake_fd is
// readable.
int child_wait_some(struct slot **s, const int *fds, int n, uint64_t *yield,
                    int wake_fd, int timeout_ms);
// Reaps `s` if it has ended (flags WNOHANG) or waits for that (0), and settles
// it.  Whether it had ended.
bool child_reap(struct slot *s, int flags, uint64_t *yield);
// A descriptor that is readable when the child in `s` has ended; -1 where the
// system has none.
int child_watch(const struct slot *s);

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
// Sleeps until a slot is freed, or 20 ms are over.
void slot_sleep(struct world *w);
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
