// SPDX-License-Identifier: MIT
// run.h -- what the judge, the subject and the scheduler share: the order for
// one run, and the record of what happened in it, in a memory that all of the
// run's processes map.  Book: chapter 5.
#ifndef RUN_H
#define RUN_H

#include <stdbool.h>
#include <stdint.h>

enum {
    TALK_FD = 3,     // a socket: orders in, answers out
    RECORD_FD = 4,   // the struct run, shared
    LOG_FD = 5,      // where the log goes (nothing is read from there)
    SCRIPTS = 10,
    SCRIPT = 96,
    THREADS = 40,    // of one process, the dead ones counted
    PROCESSES = 64,
    EVENTS = 6000,
    WRITES = 1500,
    BYTES = 96 << 10,
    TEXT = 48,
    STUCK = 6,       // threads of which a stuck process tells
    EXIT_STUCK = 70,
    EXIT_SPINS = 71,
    EXIT_BAD = 72,   // the subject itself: an order that it does not know
};

// How lines, jobs and tags are called; salt comes from the order.
#define LINE_FORMAT "%s line %u.%u.%u"  // salt, process, thread, number
#define JOB_FORMAT "%s-job-%u.%u"       // salt, process, number

struct order {
    char salt[12];
    char scripts[SCRIPTS][SCRIPT];  // 0 is the main thread's; see subject.c
    unsigned workers;
    unsigned fork_at;               // the gate opens after so many steps
    uint64_t random;                // not 0: switch threads at random steps
};

enum what {
    DID_LOCK = 1, DID_BLOCK, DID_UNLOCK, DID_WAIT, DID_WAKE, DID_SIGNAL,
    DID_CREATE, DID_JOIN, DID_END, DID_WRITE, DID_STORE,
    DID_SAY,        // log_line() is called; arg: number
    DID_TAG,        // log_tag() is called; arg: number
    DID_SUBMIT,     // pool_submit() is called; arg: number
    DID_JOB,        // a job begins; arg: its process << 16 | number
    DID_PENDING,    // arg: what pool_pending() returned
    DID_ASK,        // pool_start() is called
    DID_START, DID_STOP, DID_OPEN,  // arg: what it returned
    DID_SUBMITTED,  // likewise
    DID_GATE,       // the gate opens; arg: steps made by the others
    DID_FORK,       // fork() is called
    DID_FORKED,     // ... and has returned; arg: 1 in the child
    DID_REACHED,    // a job or a script reached its end
    DID_EXEC,
};

struct event {
    uint8_t what, process, thread, spare;
    int32_t line;
    uint32_t arg, object;
};

// A thread that will wait for ever, or did when its process was given up.
struct waits {
    char who[16];         // "main", "thread 1", "worker 2"
    char call[24];        // what it is in
    char text[TEXT];      // on which object, as the source has it
    int line;
    char owner[16];       // of the lock; "" if it is nobody's
    int owner_line;       // where it was taken
    bool owner_gone;      // a thread of another process
    bool owner_forked;    // the very thread that forked, before it did
    bool owner_self;
    int lost_line;        // a signal went to a thread that does not exist
    char lost[16];        // which
};

struct place {
    char who[16], call[24], text[TEXT];
    int line;
    uint64_t pc;          // of its last store, if that came after
};

struct run {
    uint32_t nevents, nwrites, nbytes, nprocesses;
    struct event events[EVENTS];
    struct {
        uint32_t process, offset, size;
    } writes[WRITES];
    char bytes[BYTES];
    struct {
        int32_t parent, pid, status, ended;
    } processes[PROCESSES];
    bool gate_reached;    // by the count, not because nobody could go on
    struct place at_gate[THREADS];
    uint32_t nat_gate;
    bool stuck;
    uint32_t stuck_process, nstuck;
    struct waits waits[STUCK];
    struct place spins;
    uint32_t spins_process;
    bool overflow;
};

#endif
