// SPDX-License-Identifier: MIT
// judge.c -- the judge of lab 5.
//
// A test is one or more scenes: scripts for the threads and for the children,
// carried out by subject.c under the scheduler of steps.c.  Most are played
// once for every step that the other threads can make before main forks, so
// that the fork finds them at each place in the library where they can be.
// What has to hold is the same for every scene, and play() checks it against
// the record: nobody waits for ever, each line is written once and by the
// process that logged it, each job is done once and by the process that
// submitted it.  Book: chapter 5.
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <errno.h>
#include <fcntl.h>

#include "atfork.h"
#include "crash.h"
#include "judge.h"
#include "run.h"
#include "script.h"

enum { NEVER = 1000000, LINES = 1200, LIMIT_RUNS = 170 };

struct scene {
    const char *scripts[SCRIPTS];
    unsigned workers;
};

struct line {
    char text[LOG_LINE];
    unsigned process, thread, seen, at;  // at: its place in the order
    int tag;             // the tag it has to have; -1: any whole one
    bool start;          // a job's "start" line
};

struct test {
    struct judge *j;
    struct cell *cell;
    int channel, log;
    struct run *run;
    struct order order;
    bool explored;       // the fork's moment is a certain step
    bool sampled;
    unsigned played;
};

static struct line due[LINES];  // the lines that have to be in the log
static unsigned ndue;

// -------------------------------------------------------------- in words

static const char *
process_name(const struct test *t, unsigned p)
{
    static char name[4][48];
    static unsigned turn;
    char *text = name[turn++ % 4];
    unsigned depth = 0;
    for (int i = (int)p; i > 0 && depth < 99; depth++)
        i = t->run->processes[i].parent;
    if (depth < 3)
        return (const char *[]){"the parent", "the child",
                                "the grandchild"}[depth];
    snprintf(text, sizeof(name[0]), "the descendant of generation %u", depth);
    return text;
}

static const char *
action_name(char action)
{
    switch (action) {
    case 'o': return "log_open";
    case 't': return "log_tag";
    case 'l': return "log_line";
    case 'f': return "log_flush";
    case 's': case 'S': return "pool_start";
    case 'j': return "submit";
    case 'n': return "submit a job that logs";
    case 'b': return "submit a job that stays";
    case 'M': return "submit jobs that wait for each other";
    case 'K': case 'G': return "submit a job that forks";
    case 'O': return "let them go";
    case 'w': return "pool_wait";
    case 'x': case 'y': return "pool_stop";
    case 'p': case 'q': return "pool_pending";
    case 'H': return "start thread";
    case 'R': return "join threads";
    case 'F': return "fork";
    case 'L': return "another library registers fork handlers";
    case 'e': return "exit()";
    case '_': return "_exit()";
    case 'X': return "exec";
    }
    return "?";
}

static void
describe(char *to, size_t size, const char *script)
{
    size_t n = 0;
    *to = '\0';
    for (const char *s = script; *s && n + 60 < size; s++) {
        const char *name = action_name(*s);
        unsigned times = 1;
        if (*s == 'g')
            continue;
        while (!strchr(SCRIPT_TAKES_ARG, *s) && s[1] == s[0])
            s++, times++;
        n += (size_t)snprintf(to + n, size - n, "%s%s", n ? ", " : "", name);
        if (times > 1)
            n += (size_t)snprintf(to + n, size - n, " x%u", times);
        if (strchr(SCRIPT_TAKES_ARG, *s)) {
            const char *format = *s == 'H' ? " %c" : " (script %c)";
            n += (size_t)snprintf(to + n, size - n, format, *++s);
        }
    }
}

static void
describe_scene(struct test *t)
{
    char text[400];
    for (unsigned i = 0; i < SCRIPTS; i++) {
        const char *script = t->order.scripts[i];
        if (!*script)
            continue;
        describe(text, sizeof(text), script);
        if (i == 0)
            judge_input(t->j, "main: %s", text);
        else
            judge_input(t->j, "script %u: %s", i, text);
    }
}

// Where the other threads stood when main forked, for the report.
static void
note_gate(struct test *t)
{
    const struct run *r = t->run;
    char text[500];
    size_t n = 0;
    if (t->order.random)
        judge_note(t->j, "the threads took turns at random (%llx)",
                   (unsigned long long)t->order.random);
    if (!t->explored)
        return;
    for (unsigned i = 0; i < r->nat_gate && n + 120 < sizeof(text); i++) {
        const struct place *p = &r->at_gate[i];
        char mark[80], *place = NULL;
        if (strcmp(p->call, "fork") == 0)
            continue;
        if (p->pc) {
            snprintf(mark, sizeof(mark), "\n" CRASH_MARK "%llx \n",
                     (unsigned long long)p->pc);
            place = crash_place(mark, judge_built(t->j, ""));
        }
        n += (size_t)snprintf(text + n, sizeof(text) - n, "; %s ", p->who);
        if (place)
            n += (size_t)snprintf(text + n, sizeof(text) - n, "at %s", place);
        else if (p->line)
            n += (size_t)snprintf(text + n, sizeof(text) - n,
                                  "at atfork.c:%d, in %s(%s)", p->line,
                                  p->call, p->text);
        else
            n += (size_t)snprintf(text + n, sizeof(text) - n, "at %s",
                                  p->call);
        free(place);
    }
    if (r->nat_gate == 0 && !r->gate_reached)
        judge_note(t->j, "fork() was called when the other threads could not "
                   "go on");
    else
        judge_note(t->j, "fork() was called when the other threads had made "
                   "%u step%s%s", t->order.fork_at,
                   t->order.fork_at == 1 ? "" : "s", n ? text : "");
}

static noreturn void
fail(struct test *t, enum judge_kind kind, const char *want, const char *got,
     ...)
{
    char text[900];
    va_list list;
    va_start(list, got);
    vsnprintf(text, sizeof(text), got, list);
    va_end(list);
    describe_scene(t);
    note_gate(t);
    judge_fail(t->j, kind, want, "%s", text);
}

// ------------------------------------------------------------------ one run

// A thread that waits for ever, in words.
static size_t
tell_waits(char *to, size_t size, const struct test *t, const struct waits *w)
{
    const struct run *r = t->run;
    int parent = r->processes[r->stuck_process].parent;
    const char *forker = process_name(t, parent < 0 ? 0 : (unsigned)parent);
    size_t n = 0;
    bool lock = strstr(w->call, "mutex") != NULL;
    n += (size_t)snprintf(to, size, "%s waits in %s", w->who, w->call);
    if (w->line)
        n += (size_t)snprintf(to + n, size - n, "(%s) at atfork.c:%d",
                              w->text, w->line);
    if (strstr(w->call, "cond") && w->owner_gone && !*w->owner)
        n += (size_t)snprintf(to + n, size - n, ", until threads leave it that "
                              "wait for it in %s only", forker);
    else if (strcmp(w->call, "pthread_join") == 0 && w->owner_gone)
        n += (size_t)snprintf(to + n, size - n, " for the end of %s, which "
                              "exists in %s only", w->owner, forker);
    else if (strcmp(w->call, "pthread_join") == 0)
        n += (size_t)snprintf(to + n, size - n, " for the end of %s",
                              w->owner_self ? "itself" : w->owner);
    else if (strcmp(w->call, "pthread_once") == 0)
        n += (size_t)snprintf(to + n, size - n, " until %s has done it%s%s",
                              w->owner_self ? "it" : w->owner,
                              w->owner_gone ? ", which exists only in " : "",
                              w->owner_gone ? forker : "");
    else if (w->owner_self && w->owner_forked)
        n += (size_t)snprintf(to + n, size - n, ", for a lock that it took "
                              "itself, at line %d, before the fork: after it "
                              "nobody unlocked it here, or that was refused",
                              w->owner_line);
    else if (w->owner_self)
        n += (size_t)snprintf(to + n, size - n, ", for a lock that it holds "
                              "itself, since line %d", w->owner_line);
    else if (*w->owner && w->owner_gone)
        n += (size_t)snprintf(to + n, size - n, ", and %s, which took it at "
                              "line %d, exists in %s only", w->owner,
                              w->owner_line, forker);
    else if (*w->owner && w->owner_forked)
        n += (size_t)snprintf(to + n, size - n, ": still locked, by the thread "
                              "that forked, before it did (line %d)",
                              w->owner_line);
    else if (*w->owner)
        n += (size_t)snprintf(to + n, size - n, "%s, which %s took at line %d",
                              lock ? "" : ", to get its lock back", w->owner,
                              w->owner_line);
    else if (lock)
        n += (size_t)snprintf(to + n, size - n, ", which is locked");
    else if (w->lost_line && strstr(w->call, "cond"))
        n += (size_t)snprintf(to + n, size - n, "; the signal of line %d went "
                              "to %s, which waits in %s only", w->lost_line,
                              w->lost, forker);
    return n;
}

static noreturn void
fail_of_signal(struct test *t, unsigned p, int sig, const char *want)
{
    if (sig == SIGKILL || sig == SIGXCPU)
        fail(t, JUDGE_TIMEOUT, want, "%s went round in a loop in which it "
             "neither took a lock nor stored anything, until its time was up",
             process_name(t, p));
    const char *place = crash_place(judge_output(t->cell),
                                    judge_built(t->j, ""));
    fail(t, JUDGE_CRASH, want, "%s was killed by signal %d (%s)%s%s",
         process_name(t, p), sig, strsignal(sig), place ? ", at " : "",
         place ? place : "");
}

static void
check_ends(struct test *t)
{
    const struct run *r = t->run;
    const char *want = "fork() returns in both, and both can go on using the "
                       "library";
    if (r->stuck) {
        char text[800];
        size_t n = (size_t)snprintf(text, sizeof(text), "%s is stuck: ",
                                    process_name(t, r->stuck_process));
        for (unsigned i = 0; i < r->nstuck && n + 260 < sizeof(text); i++) {
            n += (size_t)snprintf(text + n, sizeof(text) - n, "%s",
                                  i ? "; " : "");
            n += tell_waits(text + n, sizeof(text) - n, t, &r->waits[i]);
        }
        fail(t, JUDGE_TIMEOUT, want, "%s", text);
    }
    for (unsigned p = 0; p < r->nprocesses && p < PROCESSES; p++) {
        int status = r->processes[p].status;
        if (!r->processes[p].ended)
            continue;
        if (WIFSIGNALED(status))
            fail_of_signal(t, p, WTERMSIG(status), want);
        int code = WEXITSTATUS(status);
        if (code == EXIT_SPINS)
            fail(t, JUDGE_TIMEOUT, want, "%s goes round and round: after "
                 "400000 steps, %s was last in %s at atfork.c:%d",
                 process_name(t, r->spins_process), r->spins.who,
                 r->spins.call, r->spins.line);
        if (code == EXIT_BAD)
            fail(t, JUDGE_SILENT, "the scripts are carried out", "%s returned "
                 "where its script had not ended, or needed too many threads",
                 process_name(t, p));
        if (code != 0)
            fail(t, JUDGE_WRONG, want, "%s ended with exit status %d",
                 process_name(t, p), code);
    }
    if (!r->processes[0].ended)
        fail(t, JUDGE_SILENT, want, "the parent's end was not seen");
    if (r->overflow)
        fail(t, JUDGE_OUTPUT, "a log of some hundred lines", "no end of it");
}

static struct line *
expect_line(struct test *t, const struct event *e, unsigned at)
{
    if (ndue == LINES)
        judge_fail(t->j, JUDGE_BROKEN, "fewer lines", "%d", LINES);
    struct line *l = &due[ndue++];
    memset(l, 0, sizeof(*l));
    l->process = e->process;
    l->thread = e->thread;
    l->tag = -1;
    l->at = at;
    return l;
}

// The tag that a line logged by thread `s` has to have: the last one that was
// set, if nobody but this thread sets tags in its process.  -1: one of several.
static int
tag_of(const struct run *r, unsigned at)
{
    const struct event *s = &r->events[at];
    int tag = -1;
    for (unsigned i = 0; i < r->nevents; i++) {
        const struct event *e = &r->events[i];
        if (e->what != DID_TAG || e->process != s->process)
            continue;
        if (e->thread != s->thread)
            return -1;
        if (i < at)
            tag = (int)e->arg;
    }
    return tag;
}

// All lines that have to be in the log, from what was called.
static void
expect_lines(struct test *t)
{
    const struct run *r = t->run;
    ndue = 0;
    for (unsigned i = 0; i < r->nevents; i++) {
        const struct event *e = &r->events[i];
        if (e->what == DID_SAY) {
            struct line *l = expect_line(t, e, i);
            l->tag = tag_of(r, i);
            snprintf(l->text, sizeof(l->text), LINE_FORMAT, t->order.salt,
                     e->process, e->thread, e->arg);
        } else if (e->what == DID_SUBMIT) {
            struct line *l = expect_line(t, e, i);
            l->start = true;
            snprintf(l->text, sizeof(l->text), "start " JOB_FORMAT,
                     t->order.salt, e->process, e->arg);
            l = expect_line(t, e, i);
            snprintf(l->text, sizeof(l->text), "done " JOB_FORMAT,
                     t->order.salt, e->process, e->arg);
        }
    }
}

static void
check_tag(struct test *t, unsigned p, const char *line, size_t size,
          const struct line *l)
{
    const struct run *r = t->run;
    char tag[LOG_TAG];
    if (l->tag >= 0) {
        tag_text(tag, sizeof(tag), t->order.salt, (unsigned)l->tag);
        if (strlen(tag) != size || memcmp(line, tag, size) != 0)
            fail(t, JUDGE_WRONG, "a line has the tag that was set last",
                 "%s set \"%s\" and wrote \"%.*s: %s\"", process_name(t, p),
                 tag, (int)size, line, l->text);
        return;
    }
    for (unsigned i = 0; i < r->nevents; i++) {
        const struct event *e = &r->events[i];
        if (e->what != DID_TAG && e->what != DID_OPEN)
            continue;
        tag_text(tag, sizeof(tag), t->order.salt,
                 e->what == DID_TAG ? e->arg : 0);
        if (strlen(tag) == size && memcmp(line, tag, size) == 0)
            return;
    }
    fail(t, JUDGE_WRONG, "each line has a tag that somebody set, whole",
         "%s wrote \"%.*s\" before \"%s\"", process_name(t, p), (int)size, line,
         l->text);
}

static void
check_line(struct test *t, unsigned p, const char *line, size_t size)
{
    const char *colon = memmem(line, size, ": ", 2);
    struct line *found = NULL;
    if (colon) {
        size_t n = size - (size_t)(colon + 2 - line);
        for (unsigned i = 0; i < ndue && !found; i++)
            if (strlen(due[i].text) == n &&
                memcmp(due[i].text, colon + 2, n) == 0)
                found = &due[i];
    }
    if (!found)
        fail(t, JUDGE_WRONG, "only whole lines, \"TAG: TEXT\", that somebody "
             "logged", "%s wrote \"%.*s\"", process_name(t, p), (int)size,
             line);
    if (found->process != p)
        fail(t, JUDGE_WRONG, "each process writes its own lines", "%s wrote "
             "\"%s\", which %s had logged%s", process_name(t, p), found->text,
             process_name(t, found->process),
             found->seen ? ", and wrote as well" : "");
    if (found->seen++)
        fail(t, JUDGE_WRONG, "each line is written once", "%s wrote \"%s\" "
             "twice", process_name(t, p), found->text);
    check_tag(t, p, line, (size_t)(colon - line), found);
    // Those of one thread in their order, and the starts in theirs.
    for (struct line *l = due; l < due + ndue; l++)
        if (l->process == p && l->thread == found->thread && l->seen == 0 &&
            l->start == found->start && l->at < found->at &&
            strncmp(l->text, "done", 4) != 0 &&
            strncmp(found->text, "done", 4) != 0)
            fail(t, JUDGE_WRONG, "the lines of a thread, and the starts of its "
                 "jobs, in their order", "%s wrote \"%s\" before \"%s\"",
                 process_name(t, p), found->text, l->text);
}

static void
check_log(struct test *t)
{
    const struct run *r = t->run;
    static char text[BYTES + 1];
    expect_lines(t);
    for (unsigned p = 0; p < r->nprocesses; p++) {
        size_t n = 0;
        for (unsigned i = 0; i < r->nwrites; i++)
            if (r->writes[i].process == p) {
                memcpy(text + n, r->bytes + r->writes[i].offset,
                       r->writes[i].size);
                n += r->writes[i].size;
            }
        for (size_t at = 0; at < n;) {
            char *end = memchr(text + at, '\n', n - at);
            if (!end)
                fail(t, JUDGE_WRONG, "whole lines", "the last thing that %s "
                     "wrote is \"%.*s\", without an end of line",
                     process_name(t, p), (int)(n - at), text + at);
            check_line(t, p, text + at, (size_t)(end - text) - at);
            at = (size_t)(end - text) + 1;
        }
    }
    for (unsigned i = 0; i < ndue; i++)
        if (due[i].seen == 0)
            fail(t, JUDGE_WRONG, "each line is written", "\"%s\" was not, "
                 "which %s had logged", due[i].text,
                 process_name(t, due[i].process));
}

static void
check_jobs(struct test *t)
{
    const struct run *r = t->run;
    static unsigned char done[PROCESSES][1024];
    memset(done, 0, sizeof(done));
    for (unsigned i = 0; i < r->nevents; i++) {
        const struct event *e = &r->events[i];
        if (e->what != DID_JOB)
            continue;
        unsigned p = e->arg >> 16, n = e->arg & 1023;
        if (p != e->process)
            fail(t, JUDGE_WRONG, "each process does its own jobs", "%s did job "
                 JOB_FORMAT ", which %s had submitted",
                 process_name(t, e->process), t->order.salt, p, n,
                 process_name(t, p));
        if (p < PROCESSES && done[p][n]++)
            fail(t, JUDGE_WRONG, "each job is done once", "%s did job "
                 JOB_FORMAT " twice", process_name(t, p), t->order.salt, p, n);
    }
    for (unsigned i = 0; i < r->nevents; i++) {
        const struct event *e = &r->events[i];
        if (e->what == DID_SUBMIT && !done[e->process][e->arg & 1023])
            fail(t, JUDGE_WRONG, "each job is done", "job " JOB_FORMAT
                 ", which %s had submitted, was not", t->order.salt,
                 e->process, e->arg,
                 process_name(t, e->process));
    }
}

static void
check_returns(struct test *t)
{
    const struct run *r = t->run;
    for (unsigned i = 0; i < r->nevents; i++) {
        const struct event *e = &r->events[i];
        int got = (int)e->arg;
        const char *who = process_name(t, e->process);
        if (e->what == DID_PENDING && e->line == 'p' && got != 0)
            fail(t, JUDGE_WRONG, "pool_pending() is 0 after the fork", "in %s "
                 "it is %d", who, got);
        if (e->what == DID_OPEN && got != 0)
            fail(t, JUDGE_WRONG, "log_open() returns 0", "in %s it returned %d",
                 who, got);
        if (e->what == DID_SUBMITTED && got != 0)
            fail(t, JUDGE_WRONG, "pool_submit() returns 0", "in %s it returned "
                 "%d (%s)", who, got, strerror(-got));
        if (e->what == DID_START && got != 0 &&
            !(e->line == 'S' && got == -EBUSY))
            fail(t, JUDGE_WRONG, e->line == 'S' ? "pool_start() returns 0 or "
                 "-EBUSY" : "pool_start() returns 0", "in %s it returned %d "
                 "(%s)", who, got, strerror(-got));
        if (e->what == DID_STOP && got != 0 &&
            !(e->line == 'y' && got == -ESRCH))
            fail(t, JUDGE_WRONG, "pool_stop() returns 0", "in %s it returned "
                 "%d (%s)", who, got, strerror(-got));
    }
}

// fork() itself makes no thread: in a child, one is made after a job is
// submitted, not before.
static void
check_threads(struct test *t)
{
    const struct run *r = t->run;
    bool asked[PROCESSES] = {false};
    for (unsigned i = 0; i < r->nevents; i++) {
        const struct event *e = &r->events[i];
        if (e->what == DID_SUBMIT || e->what == DID_ASK)
            asked[e->process] = true;
        if (e->what == DID_CREATE && e->process > 0 && e->line > 0 &&
            !asked[e->process])
            fail(t, JUDGE_WRONG, "a child makes threads when it first submits "
                 "a job", "%s made one at atfork.c:%d without having submitted "
                 "any", process_name(t, e->process), e->line);
    }
}

// Play the scene once, and check what happened.
static void
play(struct test *t, unsigned fork_at, uint64_t seed)
{
    struct run *r = t->run;
    char done;
    memset(r, 0, offsetof(struct run, events));
    memset(&r->processes, 0, sizeof(*r) - offsetof(struct run, processes));
    t->order.fork_at = fork_at;
    t->order.random = seed;
    judge_send(t->j, t->cell, t->channel, &t->order, sizeof(t->order));
    judge_recv(t->j, t->cell, t->channel, &done, 1, "the run ends");
    t->played++;
    if (r->nevents > EVENTS || r->nwrites > WRITES ||
        r->nprocesses > PROCESSES)
        fail(t, JUDGE_OUTPUT, "a run of some thousand steps", "no end of it");
    check_ends(t);
    check_returns(t);
    check_jobs(t);
    check_log(t);
    check_threads(t);
}

// ------------------------------------------------------------------- a test

static void
begin(struct test *t, struct judge *j)
{
    int pair[2];
    memset(t, 0, sizeof(*t));
    t->j = j;
    int record = memfd_create("record", MFD_CLOEXEC);
    t->log = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (record < 0 || t->log < 0 || ftruncate(record, sizeof(*t->run)) < 0 ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        judge_fail(j, JUDGE_BROKEN, "a channel", "%s", strerror(errno));
    t->run = mmap(NULL, sizeof(*t->run), PROT_READ | PROT_WRITE, MAP_SHARED,
                  record, 0);
    if (t->run == MAP_FAILED)
        judge_fail(j, JUDGE_BROKEN, "a record", "%s", strerror(errno));
    t->channel = pair[0];
    struct sv_fd fds[] = {{TALK_FD, pair[1]}, {RECORD_FD, record},
                          {LOG_FD, t->log}};
    struct cell_spec spec = {
        .argv = (char *[]){(char *)"/built/subject", NULL},
        .fds = fds,
        .nfds = 3,
    };
    t->cell = judge_start(j, &spec);
    close(pair[1]);
    close(record);
}

static void
set(struct test *t, const struct scene *s)
{
    judge_token(t->j, t->order.salt, 7);
    for (unsigned i = 0; i < SCRIPTS; i++)
        snprintf(t->order.scripts[i], SCRIPT, "%s",
                 s->scripts[i] ? s->scripts[i] : "");
    t->order.workers = s->workers;
}

// Play it with the fork at each step of the others.  Where these are too many,
// at the first ones and at LIMIT_RUNS of the rest that the seed chooses.
static void
at_each_step(struct test *t, const struct scene *s)
{
    set(t, s);
    t->explored = true;
    unsigned at = 0, stride = 1;
    do {
        play(t, at, 0);
        if (t->played > LIMIT_RUNS / 2)
            stride = (unsigned)judge_range(t->j, 1, 4);
        at += stride;
    } while (t->run->gate_reached);
    play(t, NEVER, 0);
    t->explored = false;
}

static void
once(struct test *t, const struct scene *s)
{
    set(t, s);
    play(t, NEVER, 0);
}

static void
at_random(struct test *t, const struct scene *s, unsigned times)
{
    set(t, s);
    for (unsigned i = 0; i < times; i++)
        play(t, NEVER, judge_random(t->j) | 1);
}

static void
end(struct test *t)
{
    judge_note(t->j, "%u run%s", t->played, t->played == 1 ? "" : "s");
}

#define TEST(name) \
    static void name##_in(struct test *t); \
    static void name(struct judge *j) \
    { \
        struct test t; \
        begin(&t, j); \
        name##_in(&t); \
        end(&t); \
    } \
    static void name##_in(struct test *t)

// ------------------------------------------------------------------ the tests

TEST(held_log)
{
    at_each_step(t, &(struct scene){{"oH1gF3Rf_", "llfl", NULL, "lf_"}, 0});
}

TEST(held_queue)
{
    at_each_step(t, &(struct scene){{"osH1gF3Rwf_", "jj", NULL, "q_"}, 2});
}

TEST(parent)
{
    at_each_step(t, &(struct scene){{"oslH1gF3ljRwlxf_", "ljl", NULL, "_"}, 1});
    once(t, &(struct scene){{"oslF3ljF3ljF3ljwxsjwxe", [3] = "_"}, 3});
}

TEST(lines)
{
    once(t, &(struct scene){{"olllF3lle", [3] = "e"}, 0});
    once(t, &(struct scene){{"olllF3lle", [3] = "f_"}, 0});
    at_each_step(t, &(struct scene){{"olH1gF3Re", "llfl", NULL, "e"}, 0});
}

TEST(own_lines)
{
    once(t, &(struct scene){{"olF3le", [3] = "llllllllllllllle"}, 0});
    once(t, &(struct scene){{"olF3lf_", [3] = "tllF4llle", "ltle"}, 0});
}

TEST(tag)
{
    at_each_step(t, &(struct scene){{"oH1gF3Rf_", "ttl", NULL, "ltlf_"}, 0});
}

TEST(pending)
{
    once(t, &(struct scene){{"osbbjjjF3OwF3jwf_", [3] = "pwf_"}, 2});
    at_each_step(t, &(struct scene){{"osbH1gF3ORwpf_", "jj", NULL, "pw_"}, 1});
}

TEST(workers)
{
    unsigned n = (unsigned)judge_range(t->j, 2, 5);
    once(t, &(struct scene){{"osMwF3Mwf_", [3] = "Mwf_"}, n});
    once(t, &(struct scene){{"osF3Mwf_", [3] = "jwMMwf_"}, n + 1});
}

TEST(stop)
{
    once(t, &(struct scene){{"osjwF3jxf_", [3] = "x_"}, 2});
    once(t, &(struct scene){{"osbF3Oxf_", [3] = "jxsjwxe"}, 3});
    once(t, &(struct scene){{"osjxF3sjxf_", [3] = "sjxe"}, 2});
}

TEST(waiters)
{
    once(t, &(struct scene){{"osjjjwgF3jxf_", [3] = "jwjwjwjwf_"}, 3});
    at_each_step(t, &(struct scene){{"osbH1H2gF3ORjxf_", "w", "jw", "jwjwjwf_"},
                                    2});
}

TEST(exec)
{
    once(t, &(struct scene){{"osllbbjF3F4OwF3F4xe", [3] = "X", "_"}, 2});
    at_each_step(t, &(struct scene){{"olsH1gF3Rwf_", "jl", NULL, "X"}, 1});
}

TEST(from_a_job)
{
    once(t, &(struct scene){{"osK3wlf_", [3] = "lpjwxf_"}, 1});
    once(t, &(struct scene){{"osjjjK3jjwlxe", [3] = "lwjjwle"}, 3});
    at_each_step(t, &(struct scene){{"osG3H1Rwlf_", "ljl", NULL, "lpwjwf_"},
                                    2});
}

TEST(generations)
{
    once(t, &(struct scene){{"osljF3wlxe", [3] = "ljwF4lwe", "lF5jlwxe",
                             "ljwF6wf_", "tljwxe"}, 1});
    once(t, &(struct scene){{"osF3F3F3wxe", [3] = "F4jF4wle", "jlwe"}, 1});
}

TEST(opened_again)
{
    once(t, &(struct scene){{"olosjxolsjxoF3slF5jwxe", [3] = "lolF4sjwxe",
                             "olsjxlosjwe", "loljwxe"}, 2});
}

TEST(second_library)
{
    once(t, &(struct scene){{"oLsF3wlxe", [3] = "lwF4lwe", "we"}, 1});
    at_each_step(t, &(struct scene){{"osLH1gF3Rwf_", "jl", NULL, "wf_"}, 1});
}

TEST(never_used)
{
    once(t, &(struct scene){{"F3osljwxe", [3] = "F4osljwF5xe", "osle", "jlwe"},
                            2});
}

TEST(start_stop)
{
    at_each_step(t, &(struct scene){{"oH1gF3Rf_", "sx", NULL, "Sjwjwye"}, 2});
    at_each_step(t, &(struct scene){{"osjwH1gF3Rf_", "x", NULL, "ySjwjxf_"},
                                    1});
}

TEST(working)
{
    at_each_step(t, &(struct scene){{"osnjgF3wxf_", [3] = "jwnxf_"}, 2});
}

TEST(child_threads)
{
    at_random(t, &(struct scene){{"osjF3wxe", [3] = "H6H7Rlwe",
                                  [6] = "ljlt", [7] = "jll"}, 2}, 60);
    at_random(t, &(struct scene){{"osjF3wxe", [3] = "H6H7H8Rqxf_", [6] = "jq",
                                  [7] = "ql", [8] = "wl"}, 1}, 60);
}

TEST(stress)
{
    at_random(t, &(struct scene){
        {"osH1H2F3jF4lF3nF4RF3wjF4wxe", "ljntlfnjl", "nnqjtlwl", "ljwF5nlwe",
         "njH6lRwxe", "tljwe", "lnjl"}, 3}, 90);
}

int
main(int argc, char **argv)
{
    static const struct judge_test tests[] = {
        {"held-log", held_log}, {"held-queue", held_queue},
        {"parent", parent}, {"lines", lines}, {"own-lines", own_lines},
        {"tag", tag}, {"pending", pending}, {"workers", workers},
        {"stop", stop}, {"waiters", waiters}, {"exec", exec},
        {"from-a-job", from_a_job}, {"generations", generations},
        {"opened-again", opened_again}, {"second-library", second_library},
        {"never-used", never_used}, {"start-stop", start_stop},
        {"working", working}, {"child-threads", child_threads},
        {"stress", stress},
    };
    JUDGE_MAIN(argc, argv, tests);
}
