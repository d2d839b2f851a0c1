// SPDX-License-Identifier: MIT
// talk.h -- what the judge and the subject (the program that price.c is linked
// with) say to each other.  A measurement's machine is the judge itself: each
// call of price_ops is a question to it, so what is true of that machine never
// is in the subject's memory.  Book: chapter 10.
#ifndef TALK_H
#define TALK_H

#include "price.h"

enum { TALK_FD = 3, QUESTIONS = 12, ROWS = 400, WORDS = 8, TEXT = 64, FDS = 4,
       SPANS = 2 };

// Judge to subject: what to call, and with what.
enum job { JOB_MEASURE, JOB_FIT, JOB_SPAWN };

enum prepare { PREPARE_NOTHING, PREPARE_WRITES, PREPARE_FAILS };

struct measure_order {
    struct price_plan plan;
    int n;
    struct price_question questions[QUESTIONS];
};

struct fit_order {
    int n;
    struct price_row rows[ROWS];
};

struct spawn_order {
    int argc, envc;               // argc 0: a function; envc -1: envp is NULL
    char path[TEXT], argv[WORDS][TEXT], env[WORDS][TEXT], cwd[TEXT];
    struct price_fd fds[FDS];
    int nfds;
    enum prepare prepare;
    int error;                    // what PREPARE_FAILS returns
    int value, later;             // of the variable; after the call
    bool shared, pidfd, threads, safe;
    size_t spans[SPANS];          // bytes of memory that is not needed
    int nspans;
    size_t ballast;               // bytes of memory that is
};

struct order {
    enum job job;
    union {
        struct measure_order measure;
        struct fit_order fit;
        struct spawn_order spawn;
    };
};

// Subject to judge.  To an OP_* below OP_ANSWER the judge replies with an
// int64_t; to SPAWN_READY and SPAWN_CALLED with one, too: go on.
enum op {
    OP_NOW, OP_PIN, OP_MAP, OP_ADVISE, OP_TOUCH, OP_HUGE, OP_FORK, OP_ENDED,
    OP_REAP, OP_UNMAP,
    OP_ANSWER,       // of price_measure() or price_fit()
    SPAWN_READY,     // about to call price_spawn()
    SPAWN_CALLED,    // it has returned
    SPAWN_WAITED,    // price_wait() has
};

struct word {
    enum op op;
    int64_t a, b, c;              // arguments
    int returned;
    union {
        struct price_answer answers[QUESTIONS];
        struct price_model model;
        struct {
            void *spans[SPANS];
            int pid, pidfd, value, touched, status, exits, strange;
        } spawn;
    };
};

#endif
