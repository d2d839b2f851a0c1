// SPDX-License-Identifier: MIT
// subject.c -- the program that uses your atfork.c as the judge orders.  For
// each order it makes a process, in which threads carry out scripts of one
// letter an action (do_action() lists them), under the scheduler of steps.c.
// What happened stands in the shared record.  Book: chapter 5.
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "atfork.h"
#include "run.h"
#include "sched.h"
#include "script.h"

enum { JOBS = 512, HELPERS = 8 };

struct job {
    char name[32];
    enum { JOB_PLAIN, JOB_SAYS, JOB_HELD, JOB_MEETS, JOB_FORKS } kind;
    unsigned process, number, script;
    bool gate;
};

static struct order order;
static struct job jobs[JOBS];
static unsigned njobs, nlines, ntags;
static bool held;                    // jobs of kind JOB_HELD stay
static unsigned met;                 // how many have come to the meeting
static struct {
    pthread_t ids[HELPERS];
    unsigned n, process;
} helpers;

static void run_script(unsigned number);

static void
say(void)
{
    char text[LOG_LINE];
    unsigned n = nlines++;
    snprintf(text, sizeof(text), LINE_FORMAT, order.salt, sched_process(),
             sched_self(), n);
    sched_note(DID_SAY, n, 0, NULL);
    log_line(text);
}

// ------------------------------------------------------------------------ fork

static void
fork_into(unsigned script)
{
    sched_note(DID_FORK, script, 0, NULL);
    pid_t pid = fork();
    sched_note(DID_FORKED, pid == 0, 0, NULL);
    if (pid < 0)
        _exit(EXIT_BAD);
    if (pid == 0) {
        run_script(script);
        _exit(EXIT_BAD);  // a child's script says how it ends
    }
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            _exit(EXIT_BAD);
    struct run *r = sched_run;
    for (unsigned i = 1; i < r->nprocesses && i < PROCESSES; i++)
        if (r->processes[i].pid == pid) {
            r->processes[i].ended = 1;
            r->processes[i].status = status;
        }
    sched_let_go();
}

// ------------------------------------------------------------------------ jobs

static void
carry_out(void *arg)
{
    const struct job *j = arg;
    sched_note(DID_JOB, j->process << 16 | j->number, 0, NULL);
    sched_step();
    switch (j->kind) {
    case JOB_PLAIN:
        break;
    case JOB_SAYS:
        say();
        break;
    case JOB_HELD:
        while (held)
            sched_block("a job that is held", &held);
        break;
    case JOB_MEETS:
        if (++met % order.workers == 0)
            sched_wake(&met);
        else
            sched_block("a job, for the others", &met);
        break;
    case JOB_FORKS:
        if (j->gate)
            sched_gate();
        fork_into(j->script);
        break;
    }
    sched_step();
}

static void
submit(int kind, unsigned script, bool gate)
{
    if (njobs == JOBS)
        _exit(EXIT_BAD);
    struct job *j = &jobs[njobs];
    *j = (struct job){.kind = kind, .process = sched_process(),
                      .number = njobs++, .script = script, .gate = gate};
    snprintf(j->name, sizeof(j->name), JOB_FORMAT, order.salt, j->process,
             j->number);
    sched_note(DID_SUBMIT, j->number, 0, NULL);
    int got = pool_submit(j->name, carry_out, j);
    sched_note(DID_SUBMITTED, (uint32_t)got, 0, NULL);
}

// ------------------------------------------------------- the second library

static void
second_before(void)
{
    say();
}

static void
second_in_parent(void)
{
    say();
    submit(JOB_PLAIN, 0, false);
}

static void
second_in_child(void)
{
    say();
    submit(JOB_SAYS, 0, false);
}

// --------------------------------------------------------------------- scripts

static void *
helper(void *arg)
{
    run_script((unsigned)(uintptr_t)arg);
    return NULL;
}

static void
start_helper(unsigned script)
{
    char who[16];
    if (helpers.process != sched_process())
        helpers.n = 0;
    helpers.process = sched_process();
    if (helpers.n == HELPERS)
        _exit(EXIT_BAD);
    snprintf(who, sizeof(who), "thread %u", script);
    if (sched_create(&helpers.ids[helpers.n++], NULL, helper,
                     (void *)(uintptr_t)script, who, 0) != 0)
        _exit(EXIT_BAD);
    sched_step();
}

static void
join_helpers(void)
{
    int step_join(pthread_t, void **, const char *, int);
    for (unsigned i = 0; i < helpers.n; i++)
        step_join(helpers.ids[i], NULL, "", 0);
    helpers.n = 0;
}

// One action, which `arg` belongs to if it takes one.
static void
do_action(char action, unsigned arg)
{
    char tag[LOG_TAG];
    int got = 0;
    switch (action) {
    case 'o':
        tag_text(tag, sizeof(tag), order.salt, 0);
        got = log_open(LOG_FD, tag);
        sched_note(DID_OPEN, (uint32_t)got, action, NULL);
        break;
    case 't':
        tag_text(tag, sizeof(tag), order.salt, ++ntags);
        sched_note(DID_TAG, ntags, 0, NULL);
        log_tag(tag);
        break;
    case 'l': say(); break;
    case 'f': log_flush(); break;
    case 's': case 'S':
        sched_note(DID_ASK, 0, action, NULL);
        got = pool_start(order.workers);
        sched_note(DID_START, (uint32_t)got, action, NULL);
        break;
    case 'j': submit(JOB_PLAIN, 0, false); break;
    case 'n': submit(JOB_SAYS, 0, false); break;
    case 'b': held = true; submit(JOB_HELD, 0, false); break;
    case 'M':
        met = 0;
        for (unsigned i = 0; i < order.workers; i++)
            submit(JOB_MEETS, 0, false);
        break;
    case 'K': submit(JOB_FORKS, arg, false); break;
    case 'G': submit(JOB_FORKS, arg, true); break;
    case 'O': held = false; sched_wake(&held); break;
    case 'w': pool_wait(); break;
    case 'x': case 'y':
        got = pool_stop();
        sched_note(DID_STOP, (uint32_t)got, action, NULL);
        break;
    case 'p': case 'q':
        got = (int)pool_pending();
        sched_note(DID_PENDING, (uint32_t)got, action, NULL);
        break;
    case 'H': start_helper(arg); break;
    case 'R': join_helpers(); break;
    case 'g': sched_gate(); break;
    case 'F': fork_into(arg); break;
    case 'L':
        pthread_atfork(second_before, second_in_parent, second_in_child);
        break;
    case 'e': exit(0);
    case '_': _exit(0);
    case 'X':
        sched_note(DID_EXEC, 0, 0, NULL);
        execl("/proc/self/exe", "subject", "after-exec", NULL);
        _exit(EXIT_BAD);
    default: _exit(EXIT_BAD);
    }
}

static void
run_script(unsigned number)
{
    for (const char *s = order.scripts[number]; *s; s++) {
        unsigned arg = 0;
        char action = *s;
        if (strchr(SCRIPT_TAKES_ARG, action))
            arg = (unsigned)(*++s - '0');
        do_action(action, arg);
        sched_note(DID_REACHED, number, action, NULL);
        sched_step();
    }
}

static bool
is_traced(void)
{
    char line[128];
    bool traced = false;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, "TracerPid:", 10) == 0)
            traced = atoi(line + 10) != 0;
    if (f)
        fclose(f);
    return traced;
}

// Of a run's threads one goes on at a time, and the next is woken where the
// last one slept: on one processor that takes half the time.
static void
stay_here(void)
{
    cpu_set_t here;
    int cpu = sched_getcpu();
    if (cpu < 0)
        return;
    CPU_ZERO(&here);
    CPU_SET((unsigned)cpu, &here);
    sched_setaffinity(0, sizeof(here), &here);
}

static void
run_world(struct run *run)
{
    stay_here();
    // A run takes milliseconds.  This ends loops that the scheduler cannot see.
    setrlimit(RLIMIT_CPU, &(struct rlimit){2, 2});
    sched_begin(run, &order);
    run_script(0);
    _exit(EXIT_BAD);
}

// In gdb: the test has ended with the last run, which may have failed.  That
// one once more, in the process that gdb has.
__attribute__((noinline)) static void
run_again(struct run *run)
{
    memset(run, 0, sizeof(*run));
    run_world(run);
}

int
main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        _exit(0);  // what 'X' executes
    struct run *run = mmap(NULL, sizeof(*run), PROT_READ | PROT_WRITE,
                           MAP_SHARED, RECORD_FD, 0);
    if (run == MAP_FAILED)
        _exit(EXIT_BAD);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    bool traced = is_traced();
    while (recv(TALK_FD, &order, sizeof(order), 0) == sizeof(order)) {
        pid_t world = _Fork();
        if (world == 0)
            run_world(run);
        int status;
        pid_t pid;
        while ((pid = waitpid(-1, &status, 0)) > 0 || errno == EINTR)
            if (pid == world) {
                run->processes[0].status = status;
                run->processes[0].ended = 1;
            }
        send(TALK_FD, "", 1, MSG_NOSIGNAL);
    }
    if (traced)
        run_again(run);
    _exit(0);
}
