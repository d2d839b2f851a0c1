// SPDX-License-Identifier: MIT
// trace.h -- the system calls by which a subject makes children; see trace.c.
#ifndef TRACE_H
#define TRACE_H

#include "judge.h"

enum { TRACE_MADE = 32, TRACE_EXECS = 8, TRACE_ADVICE = 64, TRACE_TEXT = 1024,
       TRACE_FDS = 64 };

// A process or thread that was made.
struct trace_made {
    pid_t by, pid;
    uint64_t flags;        // CLONE_*; fork() is 0, vfork() VM | VFORK
    unsigned before;       // how many calls of madvise() came before
};

// A program that was started, as it was at its first instruction.
struct trace_exec {
    pid_t pid;
    char exe[TRACE_TEXT], cwd[TRACE_TEXT];
    char argv[TRACE_TEXT], env[TRACE_TEXT];    // NULs between, two at the end
    struct {
        int fd;
        uint64_t device, inode;
    } fds[TRACE_FDS];
    int nfds;
};

struct trace_advice {
    uint64_t start, length;
    int advice;
};

struct trace {
    bool works;            // false under a debugger, which traces already
    struct trace_made made[TRACE_MADE];
    unsigned nmade;
    struct trace_exec execs[TRACE_EXECS];
    unsigned nexecs;
    struct trace_advice advice[TRACE_ADVICE];
    unsigned nadvice;
};

// Trace a process, and all that it makes, from now until it has ended; or, if
// that is so already, forget what was seen.
void trace_start(struct judge *j, pid_t pid);

// What was seen so far.
void trace_look(struct trace *seen);

#endif
