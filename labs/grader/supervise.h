// SPDX-License-Identifier: MIT
// supervise.h -- start a program, bound it, wait for it and all it started.
// Lab 1 is about this contract; the grader runs every submission through it.
// Book: chapter 1.
#ifndef SUPERVISE_H
#define SUPERVISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

// How the program itself (not its descendants) came to its end.
enum sv_end {
    SV_NOT_STARTED,  // it never ran; code is the errno of the step that failed
    SV_EXITED,       // code is its exit status, 0 to 255
    SV_SIGNALLED,    // code is the signal that ended it
};

// One descriptor of the child: number `child` is a copy of the caller's
// `parent`.  The pairs may overlap in any way, {0,1},{1,0} included.
struct sv_fd {
    int child, parent;
};

// One resource limit, soft and hard alike: setrlimit(resource, value).
struct sv_limit {
    int resource;  // RLIMIT_*
    rlim_t value;
};

struct sv_spec {
    char *const *argv;  // argv[0] is the path; no search in PATH
    char *const *envp;  // NULL: the caller's environment
    const char *cwd;    // NULL: the caller's
    // The child has exactly these descriptors: every other one is closed.
    const struct sv_fd *fds;
    size_t nfds;
    const struct sv_limit *limits;
    size_t nlimits;
    // The whole tree is killed this long after the start.  0: no deadline.
    int64_t deadline_ms;
    // Descendants may outlive the program by this long, then they are killed.
    // 0: killed at once.  -1: until the deadline.
    int64_t linger_ms;
    // Called in the caller's process about every watch_ms while the tree
    // runs; non-zero ends the run as a passed deadline does.  NULL: none.
    // `supervisor` is the nearest living ancestor of the whole tree: the
    // process from which a walk down /proc finds every member.
    int (*watch)(void *arg, int supervisor);
    void *watch_arg;
    int watch_ms;
};

struct sv_result {
    enum sv_end end;
    int code;
    bool timed_out;      // the deadline passed with part of the tree alive
    bool watch_ended;    // the watch asked for the end
    unsigned strays;     // descendants, the program itself not counted, that
                         // were alive when the killing began; 0 if none was
    struct rusage usage; // of the program and every descendant, all reaped
    int64_t wall_ns;     // from the start to the death of the last of them
};

// Run the program of `spec` to its end and the end of all its descendants,
// daemons included.  The program leads a session and a process group of its
// own, has default signal dispositions and an empty signal mask.
//
// Returns 0 with *result filled, also where the program could not be started
// (SV_NOT_STARTED); or -errno where supervision itself failed.  Either way, on
// return no process of the tree is left, no zombie, and no descriptor that
// was not open before; the caller's other children are neither waited for nor
// killed; its signal dispositions, mask, timers and subreaper state are as
// they were.  Signals that the caller handles do not cut the wait short, and
// SIGCHLD ignored by the caller changes nothing.  Not for two threads at once.
int supervise(const struct sv_spec *spec, struct sv_result *result);

#endif
