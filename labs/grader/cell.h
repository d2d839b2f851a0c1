// SPDX-License-Identifier: MIT
// cell.h -- run a program that nobody trusts, apart from everything.
// Used by grader.c (the build of a submission) and judge.c (its tests).
//
// A cell is a process tree in user, mount, pid, ipc, uts and network
// namespaces of its own, made by bubblewrap.  Inside it sees, read-only, /usr
// and what belongs to it, and the files that its plan names; a /proc with only
// itself in it; and can write to /tmp, which goes away with it.  It has no
// network and no privileges, and is bounded in wall time, CPU time, memory,
// processes, open files, file size and output.  When its first process ends,
// or a bound is passed, everything in it is killed by the kernel.
//
// Where bubblewrap cannot run (cell_isolated() is false) the program runs
// under the same bounds, as far as they can be had without namespaces, and in
// a directory of its own, but can see the machine.
#ifndef CELL_H
#define CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "judge.h"

struct cell_limits {
    int64_t wall_ms, cpu_ms;
    size_t memory;       // bytes resident, all processes together
    unsigned processes;
    size_t output;       // bytes, stdout and stderr together
};

// A file that appears in the cell, read-only, with a copy of the content of
// `path`.  The copy is made with the caller's rights, before they are dropped.
struct cell_file {
    const char *path, *inside;
};

// A file that the program leaves in its working directory, copied to `fd`.
struct cell_emit {
    const char *name;
    int fd;
};

struct cell_plan {
    char *const *argv;  // paths as seen inside
    const struct sv_fd *fds;  // child's numbers below 200
    size_t nfds;
    const struct cell_file *files;
    size_t nfiles;
    const char *const *binds, *const *binds_rw;  // host, inside, ..., NULL
    const struct cell_emit *emits;
    size_t nemits;
    struct cell_limits limits;
    bool debugger;  // under gdb at the terminal, unbounded, not isolated
    const char *gdb_script;  // for gdb to read first; NULL: none
    const char *gdb_source;  // the directory that was /src in the build
};

// Where the tools of the grader are (build/labs/grader), once at the start.
void cell_setup(const char *tools);
// Do not try it: somebody did, and cells are (not) isolated here.
void cell_setup_isolated(void);
void cell_setup_plain(void);

// True if cells are isolated here; else why not, in words.
bool cell_isolated(const char **why);

// Start a cell.  Returns NULL, with errno set, if it cannot even be tried.
struct cell *cell_start(const struct cell_plan *plan);

// How it is.  cell_poll_fd() becomes readable when it has ended.
int cell_poll_fd(const struct cell *c);
bool cell_ended(struct cell *c);
bool cell_owns(const struct cell *c, int fd);  // one of its own descriptors
// Of its program, in the caller's namespace; waits until it has started.  0 if
// it never did, or is gone.
pid_t cell_pid(struct cell *c);
// The path at which the cell sees "/built/x" and the like: the same, or, where
// it is not isolated, a path of this machine.
const char *cell_inside(struct cell *c, const char *path);
// Output so far, NUL-terminated; bytes outside of UTF-8 replaced by '?'.
const char *cell_output(struct cell *c);

// Wait for its end, or bring it about; then everything in it is gone.
const struct cell_end *cell_finish(struct cell *c);
const struct cell_end *cell_kill(struct cell *c);
void cell_free(struct cell *c);

#endif
