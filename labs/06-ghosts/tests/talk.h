// SPDX-License-Identifier: MIT
// talk.h -- what the judge and the threads of the subject say to each other.
//
// Every thread that the judge is to command makes a channel and passes the
// judge's end through the door (descriptor 3).  A thread that stands in native
// code says SAY_ASKED and obeys until it is told to return; so where each thread
// stands, and how deep, is known to the judge alone.  Book: chapter 6.
#ifndef TALK_H
#define TALK_H

#include <stdint.h>

enum { DOOR_FD = 3 };
enum { WORKERS = 64, STALE_WORDS = 64, PAD_BYTES = 16384, MEM_WORDS = 64 };

// The guest program.  Block b < ASKS calls the native function that asks, adds
// weight(b) to r1 and returns; HANDLER is one of them.  SPIN stores 1 in
// WORD_ARRIVED and spins until WORD_GO is not 0.  The COLDS only run.
enum { ASKS = 40, HANDLER = ASKS - 1, SPIN = ASKS, BLOCKS };
enum { WORD_ARRIVED = 1, WORD_GO = 2 };
enum { ASK_INSNS = 3, SPIN_PC = ASKS * ASK_INSNS, SPIN_INSNS = 5 };
enum { COLD_PC = SPIN_PC + SPIN_INSNS, COLD_INSNS = 3, COLDS = 120 };
enum { END_PC = COLD_PC + COLD_INSNS * COLDS };

static inline uint32_t
block_pc(int b)
{
    return (uint32_t)(b == SPIN ? SPIN_PC : b * ASK_INSNS);
}

static inline int32_t
weight(int b)
{
    return 1000 + 37 * b;
}

enum command_op {
    DO_SETUP,     // make the dynarec: chunks, purge age, flags of the handler
    DO_RETURN,    // from the native function that asked
    DO_CALL,      // guest code at pc
    DO_SORT,      // by qsort, whose comparator is the guest code at pc
    DO_RAISE,     // a signal in this thread: the guest's handler runs
    DO_SIGNAL,    // a signal in worker n
    DO_ALTSTACK,  // let this thread's handlers have a stack of their own
    DO_COROUTINE, // ask again, on a stack that libc knows nothing of; n: above
                  // those of all threads but the first
    DO_PAD,       // ask again, after 16 KB of stack
    DO_STALE,     // ask again, below `words` on the stack
    DO_FORK,      // the child makes a channel, and asks
    DO_WAIT,      // for the last child; the answer is its status
    DO_START,     // worker n, which asks
    DO_JOIN,      // worker n
    DO_PRESSURE,  // call n cold blocks
    DO_STORE,     // n in guest word pc
    DO_EXIT,      // the process
};

struct command {
    int op;
    uint32_t pc;
    uint64_t n;
    uint32_t chunks, age;
    int flags;
    uint64_t words[STALE_WORDS];
};

enum { SAY_ASKED, SAY_DONE };

struct message {
    int what;
    int64_t value;    // of SAY_DONE: r1, a pid, a status, the dynarec's address
    uint64_t mem;     // after DO_SETUP: where the guest's memory is
};

#endif
