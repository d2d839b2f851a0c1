// SPDX-License-Identifier: MIT
// rows.h -- what is measured: places, and rows in them; see rows.c.
#pragma once

#include "hold.h"
#include "stats.h"
#include "ways.h"

#include <sys/types.h>

enum { MOST_PLACES = 80, MOST_ROWS = 160, MOST_ROUNDS = 64, VISIT = 12,
       SETS = 4 };

// A process that holds something and forks when asked to (rounds.c).
struct place {
    enum kind kind;
    long amount;
    int error;          // why it could not be had, an errno; or 0
    struct held held;
    pid_t pid;
    int ask, answer;    // pipes
    long made, reaped, left;
};

struct row {
    int place;
    enum way way;
    enum writer who;
    long pages;         // that are written to after the fork
    const char *group;  // the question that it belongs to
    char name[64];      // WAY/KIND/AMOUNT[/WRITER/PAGES]
    double x;           // where it stands in its group's figure
    const char *unit;   // of x
    int in_fit;         // part of what the model is fitted to
    int error;          // an errno, or 0

    struct sample *samples;
    int count;
    // What the fit sees: the least of each set of rounds (round i is of set
    // i % SETS).  0 where a set has none.
    double set_core[SETS], set_wall[SETS];
    int rounds;

    struct stats wall, create, exit, reap, core, faults_parent, faults_child;
};

struct plan {
    struct place places[MOST_PLACES];
    int n_places;
    struct row rows[MOST_ROWS];
    int n_rows;
    long top_mb;   // the largest memory of a place
    long most_mb;  // what it would have been had the machine had room
    long total_mb; // all places together
};

// Fill a plan with memories of at most most_mb, and less where all places
// together would not fit into room_mb.  quick: every row still, but with small
// amounts.
void plan_make(struct plan *p, long most_mb, long room_mb, int quick);

// The row of that name, or NULL.
struct row *plan_row(struct plan *p, const char *name);

// Once all samples are in: medians and spread.
void plan_summarise(struct plan *p);
