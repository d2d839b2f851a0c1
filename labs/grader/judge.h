// SPDX-License-Identifier: MIT
// judge.h -- what a lab's judge is written against.
//
// A judge is a trusted program, one a lab (labs/NN-name/tests/judge.c), linked
// with libjudge.a.  The grader runs it once a test.  It starts the submission
// in a cell (its own process, user, mount and network namespaces, limits on
// everything), talks to it, looks at it from outside, and says what it
// saw.  Only the judge's word counts: whatever the submission prints is
// quoted, never believed.
//
//     static void
//     exit_status(struct judge *j)
//     {
//         int want = (int)judge_range(j, 1, 255);
//         ...
//         judge_input(j, "a program that exits with %d", want);
//         judge_int(j, "result.code", want, got);
//     }
//     static const struct judge_test tests[] = {{"exit-status", exit_status}};
//     int main(int argc, char **argv) { JUDGE_MAIN(argc, argv, tests); }
#ifndef JUDGE_H
#define JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/types.h>

#include "supervise.h"

struct judge;
struct cell;

struct judge_test {
    const char *name;  // as in lab.ini
    void (*run)(struct judge *);
};

// What a test came to.  The first that a test says stays.
enum judge_kind {
    JUDGE_PASS,
    JUDGE_WRONG,      // ran, and gave a wrong answer
    JUDGE_CRASH,      // died of a signal
    JUDGE_TIMEOUT,    // still running at the deadline
    JUDGE_MEMORY,     // more memory than the limit
    JUDGE_PROCESSES,  // more processes than the limit
    JUDGE_OUTPUT,     // more output than the limit
    JUDGE_SILENT,     // ended without the answer that was asked for
    JUDGE_CHEAT,      // tried to get points without the work; text says how
    JUDGE_BROKEN,     // the judge's own fault; never the submission's
    JUDGE_SKIP,       // what the test needs is not on this machine: its points
                      // are neither given nor taken, and the total shrinks
};

#define JUDGE_MAIN(argc, argv, tests) \
    return judge_main(argc, argv, tests, sizeof(tests) / sizeof((tests)[0]))
int judge_main(int argc, char **argv, const struct judge_test *tests,
               size_t ntests);

// The challenge: numbers drawn from the run's seed, the same for one seed.
uint64_t judge_random(struct judge *j);
int64_t judge_range(struct judge *j, int64_t low, int64_t high);  // inclusive
void judge_token(struct judge *j, char *text, size_t size);  // [a-z0-9]*, NUL

// The report.  judge_input says what the submission was given (may be called
// several times, a line each).  A check that fails records expected and got
// and ends the test; judge_finish() and the like need not be called then.
void judge_input(struct judge *j, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void judge_int(struct judge *j, const char *what, int64_t want, int64_t got);
void judge_between(struct judge *j, const char *what, int64_t low,
                   int64_t high, int64_t got);
void judge_str(struct judge *j, const char *what, const char *want,
               const char *got);
void judge_true(struct judge *j, bool ok, const char *want, const char *got,
                ...) __attribute__((format(printf, 4, 5)));
noreturn void judge_fail(struct judge *j, enum judge_kind kind,
                         const char *want, const char *got, ...)
    __attribute__((format(printf, 4, 5)));
// Whether the test runs under gdb: then nobody is late, and the program's
// process is a child of gdb's.
bool judge_under_gdb(const struct judge *j);
// Under gdb, where the submission runs in no cell: become this program, which
// starts gdb itself.
noreturn void judge_become(struct judge *j, char *const argv[]);
// Partial credit: part `of` the points is earned (0 <= part <= of).
void judge_credit(struct judge *j, unsigned part, unsigned of);
// The test cannot be run here: `why`, and what would change that.
noreturn void judge_skip(struct judge *j, const char *why, ...)
    __attribute__((format(printf, 2, 3)));
// A further line for the report, shown whether the test passes or not.
void judge_note(struct judge *j, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

// ------------------------------------------------------------------ the cell

// What the submission's process gets.  Zero fields take the lab's limits
// (lab.ini, [limits]).  Inside it sees, read-only: /usr and what belongs to
// it, /built (what the build made of the submission), /parts (the lab's
// visible parts); its own /proc and a minimal /dev; and /tmp, the only place
// to write.  No network, no other process, an environment of PATH, HOME,
// LC_ALL=C.UTF-8 and nothing else.
struct cell_spec {
    char *const *argv;        // paths as seen inside, e.g. "/built/subject"
    const struct sv_fd *fds;  // descriptors besides 0, 1, 2
    size_t nfds;
    const char *const *binds;  // host path, inside path, ..., NULL: read-only
    const char *const *binds_rw;  // the same, writable (a judge's own sockets)
    int64_t wall_ms, cpu_ms;
    size_t memory;            // bytes resident, all processes together
    unsigned processes;
    size_t output;            // bytes of stdout and stderr together
    bool trusted;             // a program of ours (QEMU, ...): no "/built" in
                              // the command that reproduces, no crash report
};

// How a cell ended.
struct cell_end {
    struct sv_result run;      // of the submission's first process
    enum judge_kind kind;      // PASS if it ended by itself with exit status 0
    char text[256];            // kind in words, with signal and place
};

// Start the submission; judge and submission then run side by side.
struct cell *judge_start(struct judge *j, const struct cell_spec *spec);
// Wait for its end, at most to its deadline; everything in it is gone then.
const struct cell_end *judge_finish(struct cell *c);
// Kill it now, with all that it started.
const struct cell_end *judge_kill(struct cell *c);
// What it wrote on stdout and stderr so far (NUL-terminated, to the limit).
const char *judge_output(struct cell *c);
// Its first process's pid in the judge's own namespace, to look at in /proc;
// waits until it has started.  0 if it never did, or is gone.
pid_t judge_pid(struct cell *c);
// End the test with the cell's own end (crash, time-out, ...) unless it exited
// by itself with `status`.
void judge_want_exit(struct judge *j, struct cell *c, int status);

// Talk to a cell over a descriptor.  Both give up, and end the test, when the
// cell has ended or its deadline has passed; `what` names the thing awaited in
// the report: "the result of supervise()".
void judge_send(struct judge *j, struct cell *c, int fd, const void *buf,
                size_t size);
// A whole record of exactly `size` bytes.
void judge_recv(struct judge *j, struct cell *c, int fd, void *buf,
                size_t size, const char *what);
// Readable (1), or closed by the other side (0).
int judge_wait(struct judge *j, struct cell *c, int fd, const char *what);

// The path at which the submission sees "/parts/NAME" or "/built/NAME": that
// path itself, but for machines that cannot isolate.  Valid after judge_start.
const char *judge_inside(struct cell *c, const char *path);
// True where cells are isolated; a judge may say less where they are not.
bool judge_isolated(void);

// Host paths: a file that the build made, one of the lab's trusted files
// (build/lab-N/NAME), and a directory of the test's own, removed after it.
const char *judge_built(struct judge *j, const char *name);
const char *judge_own(struct judge *j, const char *name);
const char *judge_scratch(struct judge *j);

#endif
