// SPDX-License-Identifier: MIT
// cell-run.h -- what cell-run, inside a cell, tells cell.c, outside.
#ifndef CELL_RUN_H
#define CELL_RUN_H

#include <sys/resource.h>

enum cell_event {
    CELL_STARTED = 1,   // value: the program's pid in the cell
    CELL_ENDED,         // value: its wait status
    CELL_NOT_EMITTED,   // value: the descriptor whose file was not there
    CELL_BROKEN,        // value: errno, more: the step that failed
};

enum cell_step {
    CELL_STEP_PREPARE = 1,
    CELL_STEP_LIMIT,
    CELL_STEP_EXEC,
    CELL_STEP_WAIT,
    CELL_STEP_EMIT,
};

enum { CELL_EMIT_MAX = 64 << 20 };  // bytes, of one file

struct cell_report {
    enum cell_event event;
    int value, more;
    struct rusage usage;  // of the program and what it waited for
};

#endif
