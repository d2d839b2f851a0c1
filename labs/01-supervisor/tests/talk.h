// SPDX-License-Identifier: MIT
// talk.h -- what the judge, the subject and the puppets say to each other.
// The judge (outside) tells the subject (the caller of supervise(), linked with
// the submission) what to run, and the puppets (the programs that are run) what
// to do.  Nobody waits for a time to pass; they wait for each other.
// Book: chapter 1.
#ifndef TALK_H
#define TALK_H

#include "supervise.h"

enum { TALK_FD = 3, TEXT = 96, WORDS = 12, FDS = 24, LIMITS = 4, OTHERS = 8 };

// Circumstances under which the subject calls supervise().
enum {
    CALM = 0,
    IGNORE_SIGCHLD = 1,
    STORM = 2,            // a timer every few ms, its handler does not restart
    SUBREAPER = 4,        // the caller is one already
    CLOSE_ON_EXEC = 8,    // all its descriptors are marked so
};

// Judge to subject: what to give to supervise(), and how often.
struct order {
    int argc, envc;       // envc -1: envp is NULL
    char argv[WORDS][TEXT], env[WORDS][TEXT], cwd[TEXT];
    struct sv_fd fds[FDS];
    unsigned nfds;
    struct sv_limit limits[LIMITS];
    unsigned nlimits;
    int64_t deadline_ms, linger_ms;
    int watch_ms, watch_calls;    // 0: no watch; else it ends the run at the
                                  // last of so many calls
    int circumstances;
    uint64_t blocked, ignored;    // sets of signals, bit N-1 for signal N
    int others;                   // children of the subject's own: each second
                                  // one is dead and not yet waited for
    int burnt_ms;                 // CPU time of a child that was waited for
    int times;                    // calls of supervise(), 1 at least
};

// Subject to judge, after the last call.
struct answer {
    int returned;                 // by supervise()
    struct sv_result result;
    int watch_calls, watch_pid, watch_in;  // its argument; the pid it ran in
    int64_t watch_us;             // from the first counted call to the last
    int subreaper;                // afterwards
    int timer_us;                 // the storm's interval afterwards
    int storms;                   // signals handled during the call
};

// Puppet to judge, when it connects.
struct hello {
    char token[TEXT];
    int fd;                       // the number of its end of this connection
};

enum puppet_op {
    PUPPET_EXIT,     // with status arg
    PUPPET_RAISE,    // signal arg
    PUPPET_FORK,     // a child, which connects
    PUPPET_DAEMON,   // a grandchild in a session of its own, which connects
    PUPPET_IGNORE,   // every signal that can be ignored
    PUPPET_BURN,     // arg ms of CPU time; answers what it has used, in us
    PUPPET_MANY,     // arg children, which keep this connection open
    PUPPET_DEEP,     // arg generations below, likewise
    PUPPET_STOP,     // itself
    PUPPET_HARE,     // run away: fork, exit, fork, exit ...
    PUPPET_THREAD,   // a child of a second thread's, which connects
    PUPPET_TICK,     // an orphan that dies every few ms, for ever
    PUPPET_KILL,     // the process with the number arg; no reply
};

struct command {
    enum puppet_op op;
    int arg;
};

#endif
