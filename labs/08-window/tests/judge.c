// SPDX-License-Identifier: MIT
// judge.c -- the judge of lab 8.
//
//     judge ==== host (subject.c) --- warden --- root --- timelines ...
//       \\=====================================//========//
//
// Every timeline talks to the judge itself, and the kernel says which process
// it is.  A puppet waits for the judge before each of its steps: the judge
// knows who is alive, lets the last go first, and sees what comes of it.  What
// has to come of it is the sequential loop's tree, by hand for the puppets, by
// the model of explorer/tests/ for the walks.  See talk.h.  Book: chapter 8.

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../../explorer/tests/model_tree.h"
#include "proc.h"
#include "talk.h"
#include "xjudge.h"

enum {
    LOOK_MS = 10,
    QUIET_LOOKS = 6,       // so often has nothing moved: all sleep
    IDLE_LOOKS = 40,       // so often did nobody run: all sleep, or nap
    PATIENCE_TICKS = 150,  // of processor time, used without a message
    PATIENCE_MS = 30000,
    HELD = 64,
    BORN = 1024,
    NODES = 512,
    FINDINGS = 32,
};

struct node {
    int64_t parent, count, depth, death, code;
    uint64_t seed;
};

struct finding {
    int64_t death, code, timeline;
    char text[X_TEXT];
};

struct test {
    struct judge *j;
    struct x_run run;
    struct order order;
    pid_t host;                     // 0: under gdb, and not heard of yet
    struct x_seen held[HELD];       // puppets that wait for the judge
    int n_held;
    struct {
        uint64_t seed;
        pid_t pid;
    } born[BORN];                   // of walks
    int n_born;
    bool counts;                    // look at /proc whenever somebody is born
    unsigned peak;                  // what the judge saw then
    int64_t stat[X_NUMBERS];
    char error[X_TEXT];
    struct node node[NODES];
    int n_nodes;
    struct finding finding[FINDINGS];
    int n_findings;
    int64_t others[4];
    bool has_others, is_done;
    int64_t hold;                   // until then, somebody may wake by a clock
    struct x_seen slow;             // a timeline of the walk that waits
    bool has_slow;
    bool settles;                   // awaits that all sleep, and no message
    bool has_said;                  // under gdb, that all sleep
};

static int64_t
now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// ---- whether anything moves ------------------------------------------------

// Until there is a message, or everybody sleeps.  True: a message.  A time is
// not what ends this, for a loaded machine may need any: who has something to
// do runs, or waits for a processor, and does so whenever we look.
static bool
await(struct test *t, const char *want)
{
    int64_t since = now_ms();
    struct x_moves first = x_moves_of(t->host), before = first;
    int quiet = 0, idle = 0;

    for (;;) {
        struct pollfd p = {.fd = t->run.fd, .events = POLLIN};
        struct x_moves m;

        if (poll(&p, 1, LOOK_MS) > 0)
            return true;
        m = x_moves_of(t->host);
        if (now_ms() < t->hold)
            continue;
        // A look may miss who begins between two others: work makes good for it.
        idle = m.running ? idle / 2 : idle + 1;
        quiet = m.sum == before.sum && !m.running ? quiet + 1 : 0;
        before = m;
        if (quiet >= QUIET_LOOKS || idle >= IDLE_LOOKS) {
            if (t->settles || !judge_under_gdb(t->j))
                return false;
            // To be looked at, so the test is not over.
            if (!t->has_said)
                fprintf(stderr, "\n[all sleep, but the judge expects: %s; ^C "
                        "and look]\n", want);
            t->has_said = true;
        }
        if (judge_under_gdb(t->j))
            continue;
        if (m.ticks > first.ticks + PATIENCE_TICKS ||
            now_ms() - since > PATIENCE_MS)
            judge_fail(t->j, JUDGE_TIMEOUT, want, "for %" PRId64 " ms nobody "
                       "has told anything, and yet %u processes run: does "
                       "one wait in a loop, or hang?", now_ms() - since,
                       m.running);
    }
}

// ---- messages --------------------------------------------------------------

struct pids {
    pid_t pid[128];
    int n;
};

static int
add_pid(pid_t pid, void *arg)
{
    struct pids *p = arg;

    if (p->n < 128)
        p->pid[p->n++] = pid;
    return 0;
}

// How many there were at one moment: those that are there when all have been
// seen once.
static unsigned
processes(const struct test *t)
{
    struct pids first = {.n = 0}, second = {.n = 0};
    unsigned n = 0;

    proc_walk(t->host, add_pid, &first);
    proc_walk(t->host, add_pid, &second);
    for (int i = 0; i < first.n; i++)
        for (int k = 0; k < second.n; k++)
            n += first.pid[i] == second.pid[k];
    return n;
}

static void
from_host(struct test *t, const struct x_seen *e)
{
    if (e->pid != t->host)
        judge_fail(t->j, JUDGE_CHEAT, "the host reports", "process %d says "
                   "what only the host may say", (int)e->pid);
}

// Under gdb the host is known by the first message: its own, or the root's.
static void
find_host(struct test *t, const struct x_seen *e)
{
    bool is_root = e->kind == SAYS_BORN || e->kind == SAYS_ASKS;

    if (!t->host)
        t->host = is_root ? x_parent_of(x_parent_of(e->pid)) : e->pid;
}

static void
keep(struct test *t, const struct x_seen *e)
{
    struct node *n = &t->node[t->n_nodes];
    struct finding *f = &t->finding[t->n_findings];

    find_host(t, e);
    if (e->kind != SAYS_BORN && e->kind != SAYS_ASKS &&
        e->kind != SAYS_OTHERS)
        from_host(t, e);
    switch (e->kind) {
    case SAYS_BORN:
        if (t->n_born < BORN) {
            t->born[t->n_born].seed = (uint64_t)e->n[0];
            t->born[t->n_born++].pid = e->pid;
        }
        if (e->answer_fd >= 0) {
            t->slow = *e;
            t->has_slow = true;
        }
        if (t->counts) {
            unsigned n_now = processes(t);

            t->peak = n_now > t->peak ? n_now : t->peak;
        }
        break;
    case SAYS_ASKS:
        if (t->n_held == HELD)
            judge_fail(t->j, JUDGE_PROCESSES, "not more timelines at once "
                       "than there are slots", "%d of them wait", HELD);
        t->held[t->n_held++] = *e;
        break;
    case SAYS_OTHERS:
        memcpy(t->others, e->n, sizeof(t->others));
        t->has_others = true;
        break;
    case SAYS_STATS:
        memcpy(t->stat, e->n, sizeof(t->stat));
        memcpy(t->error, e->text, sizeof(t->error));
        break;
    case SAYS_NODE:
        if (t->n_nodes < NODES) {
            *n = (struct node){e->n[0], e->n[1], e->n[3], e->n[4], e->n[5],
                               (uint64_t)e->n[2]};
            t->n_nodes++;
        }
        break;
    case SAYS_FINDING:
        if (t->n_findings < FINDINGS) {
            *f = (struct finding){.death = e->n[0], .code = e->n[1],
                                  .timeline = e->n[2]};
            memcpy(f->text, e->text, sizeof(f->text));
            t->n_findings++;
        }
        break;
    case SAYS_DONE:
        t->is_done = true;
        break;
    default:
        judge_fail(t->j, JUDGE_CHEAT, "a message of subject.c", "kind %d",
                   e->kind);
    }
}

static void
take(struct test *t, const char *want)
{
    struct x_seen e;

    if (!x_next(&t->run, &e, want)) {
        judge_want_exit(t->j, t->run.cell, 0);
        judge_fail(t->j, JUDGE_SILENT, want, "the host ended without it");
    }
    keep(t, &e);
}

// ---- a run -----------------------------------------------------------------

static struct order
an_order(struct judge *j)
{
    struct order o = {.energy = 1000, .fork_from = UINT32_MAX,
                      .fork_to = UINT32_MAX};

    judge_token(j, o.word, sizeof(o.word));
    o.seed = judge_random(j) >> 16;
    return o;
}

static struct order
a_show(struct judge *j, unsigned depth, unsigned timelines, unsigned width)
{
    struct order o = an_order(j);

    o.is_puppet_show = 1;
    o.max_depth = depth;
    o.timelines = timelines;
    o.width = width;
    return o;
}

static void
begin(struct test *t, struct judge *j)
{
    memset(t, 0, sizeof(*t));
    t->j = j;
    x_start(&t->run, j, NULL);
    t->host = judge_under_gdb(j) ? 0 : judge_pid(t->run.cell);
}

static void
start_run(struct test *t, const struct order *o)
{
    t->n_held = t->n_born = t->n_nodes = t->n_findings = 0;
    t->is_done = t->has_others = t->has_slow = false;
    t->hold = 0;
    t->peak = 0;
    t->order = *o;
    judge_input(t->j, "%s: seed %" PRIu64 ", %u slots, depth %u, %u children "
                "a split%s, energy %" PRId64, o->is_puppet_show ? "puppets"
                : "a walk", o->seed, o->width, o->max_depth,
                o->is_adaptive ? o->max : o->timelines,
                o->is_adaptive ? " at most" : "", o->energy);
    x_order(&t->run, o, sizeof(*o));
}

static void
open_show(struct test *t, struct judge *j, const struct order *o)
{
    begin(t, j);
    start_run(t, o);
}

// Until the host has reported; puppets that ask are told to end.
static void
finish_run(struct test *t)
{
    const char *want = "the exploration ends and the host reports";

    while (!t->is_done) {
        while (t->n_held > 0)
            x_answer(&t->held[--t->n_held], OP_END);
        if (await(t, want)) {
            take(t, want);
            continue;
        }
        if (!t->has_slow)
            judge_fail(t->j, JUDGE_TIMEOUT, want, "everybody sleeps, and "
                       "nobody is left who would wake them");
        x_answer(&t->slow, 0);       // nobody else can do anything any more
        t->has_slow = false;
    }
}

static void
stat_is(struct test *t, enum stat which, int64_t want)
{
    static const char *const name[] = {
        "what split_run() returns", "timelines", "splits", "findings",
        "energy left", "energy in the pool", "retried forks",
        "forks given up", "timelines put off", "timelines that died with "
        "their parent", "coverage", "processes at once",
        "splits that left a descriptor open (of child_watch(), say)",
    };

    if (which == S_FINDINGS && want != t->stat[which])
        for (int i = 0; i < t->n_findings; i++)
            judge_note(t->j, "finding: timeline %" PRId64 ", %s %" PRId64
                       ": %s", t->finding[i].timeline, split_death_name(
                       (enum split_death)t->finding[i].death),
                       t->finding[i].code, t->finding[i].text);
    judge_int(t->j, name[which], want, t->stat[which]);
}

static void
close_show(struct test *t)
{
    x_end(&t->run);
}

// ---- the puppets -----------------------------------------------------------

static uint64_t
kid(const struct test *t, uint64_t parent, int mark, unsigned index)
{
    char name[48];

    snprintf(name, sizeof(name), "%s %d", t->order.word, mark);
    return split_child_seed(parent, name, index);
}

static struct x_seen *
find(struct test *t, uint64_t seed)
{
    for (int i = 0; i < t->n_held; i++)
        if ((uint64_t)t->held[i].n[0] == seed)
            return &t->held[i];
    return NULL;
}

// The children of the root among those that wait, or as many as there is room
// for; who was prepared with another's index has its seed, and its name.
static const char *
who_waits(const struct test *t)
{
    static char text[200];
    size_t n = 0;

    text[0] = '\0';
    for (int i = 0; i < t->n_held && n + 24 < sizeof(text); i++)
        for (unsigned k = 0; k < t->order.timelines; k++)
            if ((uint64_t)t->held[i].n[0] == kid(t, t->order.seed, 0, k))
                n += (size_t)snprintf(text + n, sizeof(text) - n,
                                      "%schild %u", n ? ", " : ": ", k);
    return text;
}

// The puppet with that seed asks; what others ask meanwhile waits.
static struct x_seen *
meet(struct test *t, uint64_t seed, const char *who)
{
    struct x_seen *e;
    char want[128];

    snprintf(want, sizeof(want), "%s asks what to do next", who);
    while (!(e = find(t, seed))) {
        if (t->is_done)
            judge_fail(t->j, JUDGE_WRONG, want, "the exploration ended "
                       "without it, after %" PRId64 " timelines%s%s",
                       t->stat[S_TIMELINES], t->error[0] ? ": " : "",
                       t->error);
        if (!await(t, want))
            judge_fail(t->j, JUDGE_TIMEOUT, want, "all sleep: %d timeline%s "
                       "for the judge (to see what a window does when they "
                       "are slow%s), the others for each other", t->n_held,
                       t->n_held == 1 ? " waits" : "s wait", who_waits(t));
        take(t, want);
    }
    return e;
}

static void
tell(struct test *t, uint64_t seed, enum op op, int argument, const char *who)
{
    struct x_seen *e = meet(t, seed, who);

    x_answer(e, op | (int64_t)argument << 8);
    *e = t->held[--t->n_held];
}

// Takes whatever is told until everybody sleeps.
static void
settle(struct test *t)
{
    t->settles = true;
    while (!t->is_done && await(t, "everybody waits for the judge"))
        take(t, "a timeline's question");
    t->settles = false;
}

// The root discovers mark 0, and as many of its children ask as there are
// slots.
static void
open_window(struct test *t)
{
    uint64_t root = t->order.seed;

    tell(t, root, OP_DISCOVER, 0, "the root timeline");
    for (unsigned i = 0; i + 1 < t->order.width &&
                         i < t->order.timelines; i++) {
        char who[64];

        snprintf(who, sizeof(who), "child %u of the root%s", i, i ? ", while "
                 "those before it are slow," : "");
        meet(t, kid(t, root, 0, i), who);
    }
}

// ---- expectations ----------------------------------------------------------

static void
expect_node(struct test *t, int i, int64_t parent, uint64_t seed,
            enum split_death death, int code)
{
    char what[64];

    if (i >= t->n_nodes)
        judge_fail(t->j, JUDGE_WRONG, "one more timeline in the tree",
                   "%d in all", t->n_nodes);
    snprintf(what, sizeof(what), "timeline %d: its parent", i);
    judge_int(t->j, what, parent, t->node[i].parent);
    snprintf(what, sizeof(what), "timeline %d: its seed", i);
    judge_int(t->j, what, (int64_t)seed, (int64_t)t->node[i].seed);
    snprintf(what, sizeof(what), "timeline %d: how it died", i);
    judge_str(t->j, what, split_death_name(death),
              split_death_name((enum split_death)t->node[i].death));
    snprintf(what, sizeof(what), "timeline %d: its code", i);
    judge_int(t->j, what, code, t->node[i].code);
}

// A root and n children, all of which ended well.
static void
expect_plain(struct test *t, unsigned n)
{
    stat_is(t, S_TIMELINES, n + 1);
    stat_is(t, S_SPLITS, 1);
    stat_is(t, S_FINDINGS, 0);
    stat_is(t, S_ENERGY, t->order.energy - n);
    for (unsigned i = 0; i < n; i++)
        expect_node(t, (int)i + 1, 0, kid(t, t->order.seed, 0, i),
                    SPLIT_FINE, 0);
}

static void
expect_finding(struct test *t, int i, enum split_death death, int64_t code,
               int64_t timeline)
{
    char what[64];

    if (i >= t->n_findings)
        judge_fail(t->j, JUDGE_WRONG, "one more finding", "%d in all",
                   t->n_findings);
    snprintf(what, sizeof(what), "finding %d: the timeline", i);
    judge_int(t->j, what, timeline, t->finding[i].timeline);
    snprintf(what, sizeof(what), "finding %d: how it died", i);
    judge_str(t->j, what, split_death_name(death),
              split_death_name((enum split_death)t->finding[i].death));
    snprintf(what, sizeof(what), "finding %d: its code", i);
    judge_int(t->j, what, code, t->finding[i].code);
}

// Each timeline of the tree was a process, and none of them two.
static void
expect_processes(struct test *t)
{
    int others = 0;

    for (int i = 0; i < t->n_nodes; i++) {
        bool was_born = false;

        for (int k = 0; k < t->n_born && !was_born; k++)
            was_born = t->born[k].seed == t->node[i].seed;
        judge_true(t->j, was_born, "every timeline of the tree ran",
                   "timeline %d of the tree never did", i);
    }
    for (int i = 0; i < t->n_born; i++) {
        bool is_new = true;

        for (int k = 0; k < i && is_new; k++)
            is_new = t->born[k].pid != t->born[i].pid;
        others += is_new;
    }
    judge_true(t->j, others >= t->n_nodes, "a process for each timeline",
               "%d processes for %d timelines", others, t->n_nodes);
}

static void
expect_model(struct test *t, const struct model *m)
{
    judge_int(t->j, "timelines", (int64_t)m->n, t->stat[S_TIMELINES]);
    for (int i = 1; i < t->n_nodes; i++) {
        const struct model_node *k = &m->node[i];

        expect_node(t, i, (int64_t)k->parent, k->seed, SPLIT_FINE, 0);
        judge_int(t->j, "its draws before the split", (int64_t)k->count,
                  t->node[i].count);
        judge_int(t->j, "its depth", k->depth, t->node[i].depth);
    }
    stat_is(t, S_ENERGY, m->global);
    stat_is(t, S_POOL, m->pool);
    stat_is(t, S_FINDINGS, 0);
    stat_is(t, S_FAILURES, 0);
    expect_processes(t);
}

// ---- tests: puppets --------------------------------------------------------

// As many at once as there are slots, and no more.
static void
window(struct judge *j)
{
    unsigned width = (unsigned)judge_range(j, 3, 6);
    struct order o = a_show(j, 1, width + (unsigned)judge_range(j, 1, 3),
                            width);
    struct test t;

    open_show(&t, j, &o);
    open_window(&t);
    settle(&t);
    judge_int(j, "timelines that wait for the judge, besides the root",
              width - 1, t.n_held);
    judge_int(j, "processes: the warden and the timelines", width + 1,
              processes(&t));
    finish_run(&t);
    expect_plain(&t, o.timelines);
    close_show(&t);
}

// One is done: the next starts, though the others are still at work.
static void
slides(struct judge *j)
{
    unsigned width = (unsigned)judge_range(j, 3, 5);
    struct order o = a_show(j, 1, 2 * width, width);
    struct test t;

    open_show(&t, j, &o);
    open_window(&t);
    for (unsigned i = 0; i < width; i++) {
        char who[96];

        tell(&t, kid(&t, o.seed, 0, i), OP_END, 0, "a child of the root");
        snprintf(who, sizeof(who), "child %u, once child %u is done and the "
                 "others still work,", width - 1 + i, i);
        meet(&t, kid(&t, o.seed, 0, width - 1 + i), who);
    }
    finish_run(&t);
    expect_plain(&t, o.timelines);
    close_show(&t);
}

// The second child is faster, and discovers what the first does later.  The
// discovery is the first's all the same.
static void
order_of_turns(struct judge *j)
{
    unsigned width = 5, n = (unsigned)judge_range(j, 2, 3);
    struct order o = a_show(j, 2, n, width);
    struct test t;
    uint64_t first, second;
    unsigned at = 1;

    open_show(&t, j, &o);
    tell(&t, o.seed, OP_DISCOVER, 0, "the root timeline");
    first = kid(&t, o.seed, 0, 0);
    second = kid(&t, o.seed, 0, 1);
    tell(&t, second, OP_DISCOVER, 1, "child 1 of the root");
    settle(&t);
    judge_true(j, !find(&t, second) && !find(&t, kid(&t, second, 1, 0)),
               "child 1 of the root waits with its discovery until child 0 "
               "is done", "it went on");
    tell(&t, first, OP_DISCOVER, 1, "child 0 of the root");
    for (unsigned i = 0; i < n; i++)
        tell(&t, kid(&t, first, 1, i), OP_END, 0,
             "a child of child 0 of the root");
    tell(&t, first, OP_END, 0, "child 0 of the root, after its split,");
    meet(&t, second, "child 1 of the root, when child 0 is done,");
    finish_run(&t);
    stat_is(&t, S_TIMELINES, 1 + 2 * n);
    stat_is(&t, S_SPLITS, 2);
    expect_node(&t, (int)at++, 0, first, SPLIT_FINE, 0);
    for (unsigned i = 0; i < n; i++)
        expect_node(&t, (int)at++, 1, kid(&t, first, 1, i), SPLIT_FINE, 0);
    for (unsigned i = 1; i < n; i++)
        expect_node(&t, (int)at++, 0, kid(&t, o.seed, 0, i), SPLIT_FINE, 0);
    close_show(&t);
}

// Children that run ahead have all slots, and are slow; the first splits.
static void
room_for_the_first(struct judge *j)
{
    unsigned width = (unsigned)judge_range(j, 3, 5);
    struct order o = a_show(j, 2, width, width);
    struct test t;
    uint64_t first;

    open_show(&t, j, &o);
    tell(&t, o.seed, OP_DISCOVER, 0, "the root timeline");
    settle(&t);
    first = kid(&t, o.seed, 0, 0);
    tell(&t, first, OP_DISCOVER, 1, "child 0 of the root");
    meet(&t, kid(&t, first, 1, 0), "a child of child 0, which needs the slot "
         "of somebody that runs ahead,");
    settle(&t);
    judge_between(j, "processes: the warden and the timelines", 4, width + 1,
                  processes(&t));
    finish_run(&t);
    stat_is(&t, S_TIMELINES, 1 + 2 * width);
    stat_is(&t, S_ENERGY, o.energy - 2 * width);
    stat_is(&t, S_DEFERRED, 0);
    stat_is(&t, S_FINDINGS, 0);
    for (unsigned i = 0; i < width; i++)
        expect_node(&t, 2 + (int)i, 1, kid(&t, first, 1, i), SPLIT_FINE, 0);
    for (unsigned i = 1; i < width; i++)
        expect_node(&t, 1 + (int)(width + i), 0, kid(&t, o.seed, 0, i),
                    SPLIT_FINE, 0);
    judge_between(j, "processes at once", 1, width + 1, t.stat[S_PEAK]);
    close_show(&t);
}

// Everybody waits for somebody: nobody may need the processor for that.
static void
sleeps(struct judge *j)
{
    struct order o = a_show(j, 2, 3, 5);
    struct test t;
    struct x_moves before, after;
    struct timespec nap = {0, LOOK_MS * 1000000};

    open_show(&t, j, &o);
    open_window(&t);
    tell(&t, kid(&t, o.seed, 0, 1), OP_DISCOVER, 1, "child 1 of the root");
    settle(&t);
    before = x_moves_of(t.host);
    // Longer, if somebody woke up: on a slow machine that may be a loop.
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 200 / LOOK_MS; i++)
            nanosleep(&nap, NULL);
        after = x_moves_of(t.host);
        if (after.switches == before.switches)
            break;
    }
    judge_between(j, "how often somebody woke up in 200 ms in which nothing "
                  "happened", 0, 4, (int64_t)(after.switches -
                                              before.switches));
    judge_int(j, "processes that run while all are to wait", 0,
              after.running);
    finish_run(&t);
    stat_is(&t, S_TIMELINES, 7);
    close_show(&t);
}

// The simulation's own children are none of the window's business.
static void
other_children(struct judge *j)
{
    struct order o = a_show(j, 1, 4, 3);
    struct test t;

    o.has_others = 1;
    o.others[0] = (int32_t)judge_range(j, 1, 99);
    o.others[1] = (int32_t)judge_range(j, 101, 199);
    open_show(&t, j, &o);
    open_window(&t);
    for (unsigned i = 0; i < o.timelines; i++)
        tell(&t, kid(&t, o.seed, 0, i), OP_END, 0, "a child of the root");
    tell(&t, o.seed, OP_COLLECT, 0, "the root timeline, after its split,");
    finish_run(&t);
    expect_plain(&t, 4);
    for (int i = 0; i < 2; i++) {
        char what[80];

        snprintf(what, sizeof(what), "waitpid() for child %d of the "
                 "simulation's own finds it", i);
        judge_int(j, what, 1, t.others[2 * i]);
        snprintf(what, sizeof(what), "its wait status");
        judge_int(j, what, o.others[i] << 8, t.others[2 * i + 1]);
    }
    close_show(&t);
}

// They die in the wrong order, and count in the right one.
static void
deaths(struct judge *j)
{
    unsigned n = 5;
    struct order o = a_show(j, 1, n, n + 1);
    int code = (int)judge_range(j, 1, 250);
    struct test t;
    struct {
        enum op op;
        int argument;
        enum split_death death;
        int code;
    } way[] = {
        {OP_EXIT, code, SPLIT_EXIT, code},
        {OP_RAISE, SIGSEGV, SPLIT_SIGNAL, SIGSEGV},
        {OP_END, 0, SPLIT_FINE, 0},
        {OP_RAISE, SIGABRT, SPLIT_ABORT, SIGABRT},
        {OP_BUG, 0, SPLIT_BUG, 42},
    };
    unsigned shift = (unsigned)judge_range(j, 0, (int64_t)n - 1);
    int found = 0;

    open_show(&t, j, &o);
    open_window(&t);
    for (unsigned i = n; i-- > 0;) {
        unsigned w = (i + shift) % n;

        tell(&t, kid(&t, o.seed, 0, i), way[w].op, way[w].argument,
             "a child of the root");
        settle(&t);
    }
    finish_run(&t);
    stat_is(&t, S_TIMELINES, n + 1);
    stat_is(&t, S_FINDINGS, 4);
    for (unsigned i = 0; i < n; i++) {
        unsigned w = (i + shift) % n;

        expect_node(&t, (int)i + 1, 0, kid(&t, o.seed, 0, i), way[w].death,
                    way[w].code);
        if (way[w].death != SPLIT_FINE)
            expect_finding(&t, found++, way[w].death, way[w].code, i + 1);
    }
    close_show(&t);
}

// Child 2 of the root waits for its turn.  Then child 0 or 1 splits, and its
// first child never ends: it was born later than child 2, so when it is killed,
// at its deadline, child 2 has waited for longer than that.
static void
run_into_deadline(struct test *t, const struct order *o, unsigned splits)
{
    uint64_t waits, first;

    start_run(t, o);
    tell(t, o->seed, OP_DISCOVER, 0, "the root timeline");
    waits = kid(t, o->seed, 0, 2);
    tell(t, waits, OP_DISCOVER, 1, "child 2 of the root");
    if (splits == 1)
        tell(t, kid(t, o->seed, 0, 0), OP_END, 0, "child 0 of the root");
    first = kid(t, o->seed, 0, splits);
    tell(t, first, OP_DISCOVER, 2, "a child of the root");
    tell(t, kid(t, first, 2, 0), OP_HANG, 0, "a grandchild of the root");
    t->hold = now_ms() + 3 * (int64_t)o->wall_ms;
    // All others end, until child 2 has split, or is dead and the root goes on.
    while (!t->is_done && !find(t, kid(t, waits, 1, 0)) && !find(t, o->seed)) {
        while (t->n_held > 0)
            x_answer(&t->held[--t->n_held], OP_END);
        if (!await(t, "the exploration goes on after a deadline"))
            break;
        take(t, "the exploration goes on after a deadline");
    }
    // Whoever looks at deadlines has looked when all sleep.
    t->hold = 0;
    if (find(t, kid(t, waits, 1, 0)))
        settle(t);
    t->hold = now_ms() + 2 * (int64_t)o->wall_ms;
    finish_run(t);
}

// One never ends.  One waits for its turn for longer than its deadline, which
// is no fault of its own.  If others were killed as well, that may be the
// machine's: again then, with more time for all.
static void
deadline(struct judge *j)
{
    struct order o = a_show(j, 2, 3, 8);
    unsigned splits = (unsigned)judge_range(j, 0, 1);
    uint64_t waits;
    struct test t;

    o.wall_ms = 800;
    begin(&t, j);
    run_into_deadline(&t, &o, splits);
    if (t.stat[S_FINDINGS] != 1) {
        o.wall_ms = 3200;
        run_into_deadline(&t, &o, splits);
    }
    waits = kid(&t, o.seed, 0, 2);
    stat_is(&t, S_FINDINGS, 1);
    expect_finding(&t, 0, SPLIT_HANG, SIGKILL, 2 + splits);
    stat_is(&t, S_TIMELINES, 10);
    expect_node(&t, 6, 0, waits, SPLIT_FINE, 0);
    for (unsigned i = 0; i < 3; i++)
        expect_node(&t, 7 + (int)i, 6, kid(&t, waits, 1, i), SPLIT_FINE, 0);
    close_show(&t);
}

// There is energy for all of the root's children, and they run ahead; but child
// 0 splits, and its children take what the others were to have.
static void
starved(struct judge *j)
{
    unsigned n = (unsigned)judge_range(j, 2, 3);
    unsigned below = n - (unsigned)judge_range(j, 0, 1);
    struct order o = a_show(j, 2, n, 2 * n + 2);
    uint64_t first;
    struct test t;

    o.energy = 1 + below;
    open_show(&t, j, &o);
    open_window(&t);
    first = kid(&t, o.seed, 0, 0);
    tell(&t, first, OP_DISCOVER, 1, "child 0 of the root");
    for (unsigned i = 0; i < below; i++)
        tell(&t, kid(&t, first, 1, i), OP_END, 0, "a child of child 0");
    tell(&t, first, OP_END, 0, "child 0 of the root, after its split,");
    meet(&t, o.seed, "the root timeline, as there is no energy for child 1 "
         "and those that ran ahead are dropped,");
    if (processes(&t) > 2)
        judge_note(j, "the energy went to child 0 and its children; who runs "
                   "ahead and gets none is to be killed and reaped before "
                   "window_split() returns: child_discard()");
    judge_int(j, "processes when the root goes on: the warden and the root", 2,
              processes(&t));
    tell(&t, o.seed, OP_END, 0, "the root timeline");
    // Those that ran ahead must not need an answer.
    while (!t.is_done) {
        if (!await(&t, "the exploration ends"))
            judge_fail(j, JUDGE_TIMEOUT, "the exploration ends", "somebody "
                       "still waits for a child that ran ahead and that no "
                       "energy is left for");
        take(&t, "the exploration ends");
    }
    stat_is(&t, S_TIMELINES, 2 + below);
    stat_is(&t, S_SPLITS, 2);
    stat_is(&t, S_FINDINGS, 0);
    stat_is(&t, S_ENERGY, 0);
    expect_node(&t, 1, 0, first, SPLIT_FINE, 0);
    for (unsigned i = 0; i < below; i++)
        expect_node(&t, 2 + (int)i, 1, kid(&t, first, 1, i), SPLIT_FINE, 0);
    close_show(&t);
}

// Enough is found: nobody waits for those that run ahead, and they are not left
// to die with their parent either, which would be counted.
static void
stops(struct judge *j)
{
    unsigned width = (unsigned)judge_range(j, 4, 5);
    struct order o = a_show(j, 1, 6, width);
    pid_t pids[HELD];
    struct test t;
    int n = 0;

    o.stop_after = 1;
    open_show(&t, j, &o);
    open_window(&t);
    for (int i = 0; i < t.n_held; i++)
        pids[n++] = t.held[i].pid;
    tell(&t, kid(&t, o.seed, 0, 0), OP_BUG, 0, "child 0 of the root");
    while (!t.is_done) {
        if (!await(&t, "the exploration ends at the first finding"))
            judge_fail(j, JUDGE_TIMEOUT, "the exploration ends at the first "
                       "finding", "somebody still waits for timelines that "
                       "run ahead");
        take(&t, "the exploration ends at the first finding");
    }
    stat_is(&t, S_FINDINGS, 1);
    stat_is(&t, S_TIMELINES, 2);
    stat_is(&t, S_ENERGY, o.energy - 1);
    expect_finding(&t, 0, SPLIT_BUG, 42, 1);
    if (t.stat[S_COLLATERAL] > 0)
        judge_note(j, "who runs ahead is to be killed and reaped before its "
                   "parent ends: child_discard()");
    stat_is(&t, S_COLLATERAL, 0);
    for (int i = 0; i < n; i++)
        judge_true(j, kill(pids[i], 0) < 0 && errno == ESRCH,
                   "no timeline is left", "process %d is", (int)pids[i]);
    close_show(&t);
}

// 'X' if it is gone.
static char
state_of(pid_t pid)
{
    char path[64], line[128], state = 'X';
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    if (!(f = fopen(path, "re")))
        return state;
    while (fgets(line, sizeof(line), f))
        if (sscanf(line, "State: %c", &state) == 1)
            break;
    fclose(f);
    return state;
}

// How many of them live when all sleep that do: who has to die runs until it is
// dead, or waits for a processor.
static int
survivors(const pid_t *pids, int n)
{
    struct timespec nap = {0, LOOK_MS * 1000000};
    int left = n;

    for (int quiet = 0, looks = 0; left && looks < PATIENCE_MS / LOOK_MS &&
                                   quiet < 3 * QUIET_LOOKS; quiet++, looks++) {
        left = 0;
        for (int i = 0; i < n; i++) {
            char state = state_of(pids[i]);

            left += state != 'X' && state != 'Z';
            if (state == 'R' || state == 'D')
                quiet = 0;
        }
        nanosleep(&nap, NULL);
    }
    return left;
}

// A timeline is killed that has children: they go with it, the others go on.
static void
killed(struct judge *j)
{
    struct order o = a_show(j, 2, 2, 5);
    uint64_t first, below;
    pid_t family[2];                // child 0 of the root, and its child
    struct test t;

    open_show(&t, j, &o);
    tell(&t, o.seed, OP_DISCOVER, 0, "the root timeline");
    first = kid(&t, o.seed, 0, 0);
    below = kid(&t, first, 1, 0);
    tell(&t, first, OP_DISCOVER, 1, "child 0 of the root");
    family[1] = meet(&t, below, "a child of child 0")->pid;
    settle(&t);
    family[0] = x_parent_of(family[1]);
    judge_true(j, family[0] > 1 && kill(family[0], SIGKILL) == 0, "child 0 of "
               "the root is there to be killed", "it is not");
    judge_int(j, "its children that live on, when child 0 was killed", 0,
              survivors(family, 2));
    finish_run(&t);
    stat_is(&t, S_FINDINGS, 1);
    expect_finding(&t, 0, SPLIT_SIGNAL, SIGKILL, 1);
    stat_is(&t, S_TIMELINES, 4);
    expect_node(&t, 1, 0, first, SPLIT_SIGNAL, SIGKILL);
    expect_node(&t, 3, 0, kid(&t, o.seed, 0, 1), SPLIT_FINE, 0);
    close_show(&t);
}

// The warden is killed: nobody outlives it.
static void
nobody_left(struct judge *j)
{
    struct order o = a_show(j, 2, 3, 6);
    pid_t pids[2 * HELD], warden;
    struct test t;
    int n = 0;

    open_show(&t, j, &o);
    warden = meet(&t, o.seed, "the root timeline")->parent;
    tell(&t, o.seed, OP_DISCOVER, 0, "the root timeline");
    tell(&t, kid(&t, o.seed, 0, 0), OP_DISCOVER, 1, "child 0 of the root");
    meet(&t, kid(&t, kid(&t, o.seed, 0, 0), 1, 0), "a child of child 0");
    settle(&t);
    for (int i = 0; i < t.n_held; i++) {
        pids[n++] = t.held[i].pid;
        pids[n++] = x_parent_of(t.held[i].pid);
    }
    kill(warden, SIGKILL);
    while (!t.is_done) {
        if (!await(&t, "the host says that the warden is gone"))
            judge_fail(j, JUDGE_TIMEOUT, "the host says that the warden is "
                       "gone", "it still sleeps");
        take(&t, "the host says that the warden is gone");
    }
    judge_true(j, t.stat[S_RETURNED] < 0, "split_run() fails", "it returned "
               "%" PRId64, t.stat[S_RETURNED]);
    judge_int(j, "timelines that outlive the warden", 0, survivors(pids, n));
    x_end(&t.run);
}

// ---- tests: forks that fail ------------------------------------------------

// Energy for all, processes for some: what no fork was found for is given back.
static void
fork_fails(struct judge *j)
{
    unsigned n = (unsigned)judge_range(j, 1, 4);
    struct order o = a_show(j, 1, 6, 3);
    struct test t;

    o.energy = judge_range(j, 20, 90);
    o.fork_tries = 3;
    o.fork_from = 2 + n;
    open_show(&t, j, &o);
    judge_input(j, "fork fails for ever after %u children", n);
    tell(&t, o.seed, OP_DISCOVER, 0, "the root timeline");
    finish_run(&t);
    expect_plain(&t, n);
    judge_int(j, "what split_run() returns", 0, t.stat[S_RETURNED]);
    judge_between(j, "forks given up, which are reported", 1, 3,
                  t.stat[S_FAILURES]);
    judge_between(j, "forks retried", 2, 6, t.stat[S_RETRIES]);
    close_show(&t);
}

// Slots for six, processes for fewer: it takes longer, that is all.
static void
few_processes(struct judge *j)
{
    struct order o = a_show(j, 1, 8, 6);
    struct test t;

    o.fork_limit = 2 + (unsigned)judge_range(j, 1, 3);   // warden and root
    open_show(&t, j, &o);
    judge_input(j, "fork fails above %u processes", o.fork_limit);
    tell(&t, o.seed, OP_DISCOVER, 0, "the root timeline");
    for (unsigned i = 0; i < o.timelines; i++)
        tell(&t, kid(&t, o.seed, 0, i), OP_END, 0, "a child of the root");
    finish_run(&t);
    expect_plain(&t, o.timelines);
    stat_is(&t, S_FAILURES, 0);
    close_show(&t);
}

// ---- tests: walks ----------------------------------------------------------

static unsigned
pick(struct judge *j, unsigned low, unsigned high)
{
    return (unsigned)judge_range(j, low, high);
}

static struct order
a_walk(struct judge *j)
{
    struct order o = an_order(j);

    o.max_depth = pick(j, 1, 4);
    o.timelines = pick(j, 2, 5);
    o.energy = pick(j, 10, 90);
    o.batch = pick(j, 1, 4);
    o.min = pick(j, 1, 5);
    o.max = o.min + pick(j, 0, 7);
    o.mark_energy = pick(j, 1, 12);
    o.width = o.max_depth + pick(j, 1, 6);
    o.steps = pick(j, 4, 14);
    o.marks = pick(j, 3, 20);
    return o;
}

static void
run_model(struct model *m, const struct order *o, bool is_yield_lost)
{
    memset(m, 0, sizeof(*m));
    m->config.seed = o->seed;
    m->config.max_depth = o->max_depth;
    m->config.timelines = o->timelines;
    m->config.energy = o->energy;
    m->config.is_adaptive = o->is_adaptive;
    m->config.adaptive = (struct split_adaptive){
        .batch = o->batch, .min = o->min, .max = o->max,
        .mark_energy = o->mark_energy};
    m->walk = (struct walk){o->steps, o->marks};
    m->is_yield_lost = is_yield_lost;
    model_run(m);
}

// The model's tree of the same walk.
static struct model *
model_of(const struct order *o)
{
    static struct model m;

    run_model(&m, o, false);
    return &m;
}

// Whether the tree would be another one if children brought nothing.
static bool
needs_yield(const struct order *o, const struct model *m)
{
    static struct model wrong;

    run_model(&wrong, o, true);
    return wrong.n != m->n || wrong.global != m->global ||
           wrong.pool != m->pool ||
           memcmp(wrong.node, m->node, m->n * sizeof(*m->node));
}

// The root's first split, for which there are slots enough to fork all of its
// children at once, lacks energy for the last of them, because of what those
// before it spent.
static bool
needs_late_payment(const struct order *o, const struct model *m)
{
    unsigned kids = 0;

    for (size_t i = 1; i < m->n; i++)
        kids += m->node[i].parent == 0 && m->node[i].count == m->node[1].count;
    return o->timelines < o->width && kids < o->timelines && m->global == 0;
}

// In the root's first split, child 1 discovers something, even after child 0;
// and there is a slot for a child of its own while child 0 lives.
static bool
needs_turns(const struct order *o, const struct model *m)
{
    uint64_t second = 0;

    for (size_t i = 2; i < m->n && !second; i++)
        if (m->node[i].parent == 0 && m->node[i].count == m->node[1].count)
            second = i;
    for (size_t i = 2; i < m->n && second; i++)
        if (m->node[i].parent == second)
            return o->width >= o->timelines + 2;
    return false;
}

// A walk whose tree is worth the while, and needs what is to be tested.
static struct order
a_walk_that(struct judge *j, bool is_adaptive, size_t least,
            bool (*needs)(const struct order *o, const struct model *m))
{
    for (;;) {
        struct order o = a_walk(j);
        struct model *m;

        o.is_adaptive = is_adaptive;
        m = model_of(&o);
        if (m->n >= least && (!needs || needs(&o, m)))
            return o;
    }
}

static struct order
a_bushy_walk(struct judge *j, bool is_adaptive, size_t least)
{
    return a_walk_that(j, is_adaptive, least, NULL);
}

static void
walk_like_the_model(struct test *t, const struct order *o)
{
    start_run(t, o);
    finish_run(t);
    if (t->stat[S_DEFERRED] > 0)
        judge_note(t->j, "%" PRId64 " timelines were put off, though there "
                   "are slots enough for this depth: first see to test room",
                   t->stat[S_DEFERRED]);
    expect_model(t, model_of(o));
    stat_is(t, S_DEFERRED, 0);
    stat_is(t, S_LEFT_OPEN, 0);
    judge_between(t->j, "processes at once: the warden and the timelines", 1,
                  o->width + 1, t->stat[S_PEAK]);
}

static void
tree(struct judge *j)
{
    struct order o = a_walk_that(j, false, 12, needs_late_payment);
    struct test t;

    begin(&t, j);
    walk_like_the_model(&t, &o);
    o = a_walk_that(j, false, 12, needs_turns);
    o.slow = model_of(&o)->node[1].seed;
    judge_input(j, "child 0 of the root is the slowest of all");
    walk_like_the_model(&t, &o);
    for (int i = 0; i < 6; i++) {
        o = a_bushy_walk(j, false, 12);
        walk_like_the_model(&t, &o);
    }
    close_show(&t);
}

static void
adaptive(struct judge *j)
{
    struct test t;

    begin(&t, j);
    for (int i = 0; i < 8; i++) {
        struct order o = a_walk_that(j, true, 12, needs_yield);

        walk_like_the_model(&t, &o);
    }
    close_show(&t);
}

// Signals for who waits: for its turn, and for a child.  They sleep on.
static void
signals_while_waiting(struct test *t, struct judge *j)
{
    struct order o = a_show(j, 2, 2, 5);
    uint64_t first, second;
    pid_t root, waits;

    o.is_stormy = 1;
    open_show(t, j, &o);
    root = meet(t, o.seed, "the root timeline")->pid;
    tell(t, o.seed, OP_DISCOVER, 0, "the root timeline");
    first = kid(t, o.seed, 0, 0);
    second = kid(t, o.seed, 0, 1);
    waits = meet(t, second, "child 1 of the root")->pid;
    meet(t, first, "child 0 of the root");
    tell(t, second, OP_DISCOVER, 1, "child 1 of the root");
    settle(t);
    for (int i = 0; i < 2; i++) {
        judge_input(j, "a signal for child 1 of the root, which waits for its "
                    "turn, and for the root");
        if (kill(waits, SIGALRM) < 0 || kill(root, SIGALRM) < 0)
            judge_fail(j, JUDGE_WRONG, "the root and its child 1 wait",
                       "one of them is gone");
        settle(t);
        judge_true(j, !find(t, o.seed), "the root waits until its children "
                   "are done", "it went on when a signal came");
        judge_true(j, !find(t, second) && !find(t, kid(t, second, 1, 0)),
                   "child 1 of the root waits with its discovery until child "
                   "0 is done", "it went on when a signal came");
    }
    finish_run(t);
    stat_is(t, S_TIMELINES, 5);
    stat_is(t, S_SPLITS, 2);
    expect_node(t, 2, 0, second, SPLIT_FINE, 0);
    expect_node(t, 3, 2, kid(t, second, 1, 0), SPLIT_FINE, 0);
}

static void
storm(struct judge *j)
{
    struct test t;

    signals_while_waiting(&t, j);
    for (int i = 0; i < 2; i++) {
        struct order o = a_bushy_walk(j, false, 25);

        o.is_stormy = 1;
        walk_like_the_model(&t, &o);
    }
    close_show(&t);
}

// A few forks fail, and then they work again.
static void
fork_again(struct judge *j)
{
    struct test t;

    begin(&t, j);
    for (int i = 0; i < 3; i++) {
        struct order o = a_bushy_walk(j, false, 12);

        // Number 2 is the first child's, without which there is no other.
        o.fork_from = i ? pick(j, 2, 9) : 2;
        o.fork_to = o.fork_from + 3;
        judge_input(j, "forks %u to %u fail", o.fork_from, o.fork_to - 1);
        walk_like_the_model(&t, &o);
    }
    close_show(&t);
}

// One whose tree uses up all its energy, four splits deep.
static struct order
a_deep_walk(struct judge *j, unsigned width, unsigned energy)
{
    struct order o;

    do {
        o = an_order(j);
        o.max_depth = 4;
        o.timelines = 4;
        o.energy = energy;
        o.steps = 60;
        o.marks = 60;
        o.width = width;
    } while (model_of(&o)->n != energy + 1);
    return o;
}

// What was put off may find its marks discovered: then not all is spent.
static void
expect_all_spent_or_kept(struct test *t)
{
    judge_int(t->j, "energy left and timelines forked, together",
              t->order.energy, t->stat[S_ENERGY] + t->stat[S_TIMELINES] - 1);
    judge_between(t->j, "timelines", t->order.energy / 2,
                  t->order.energy + 1, t->stat[S_TIMELINES]);
    stat_is(t, S_FINDINGS, 0);
    for (int i = 0; i < t->n_nodes; i++)
        judge_str(t->j, "how each timeline died",
                  split_death_name(SPLIT_FINE),
                  split_death_name((enum split_death)t->node[i].death));
    expect_processes(t);
}

// Depth 4 and 1, 2, 4, 8 slots: the tree has one bound, however deep.
static void
bound(struct judge *j)
{
    static const unsigned width[] = {1, 2, 4, 8};
    struct test t;

    begin(&t, j);
    t.counts = true;
    for (int i = 0; i < 4; i++) {
        struct order o = a_deep_walk(j, width[i], 60);

        start_run(&t, &o);
        finish_run(&t);
        judge_between(j, "processes that the judge saw at once: the warden "
                      "and the timelines", 1, width[i] + 1, t.peak);
        judge_between(j, "processes at once, counted after every fork", 2,
                      width[i] + 1, t.stat[S_PEAK]);
        expect_all_spent_or_kept(&t);
    }
    close_show(&t);
}

// Too few slots for the chain: what is put off is not forgotten, and is always
// the same.
static void
put_off(struct judge *j)
{
    static struct node first[NODES];
    struct test t;

    begin(&t, j);
    for (unsigned width = 1; width <= 3; width++) {
        struct order o = a_deep_walk(j, width, 40);
        int n = 0;

        for (int again = 0; again < 2; again++) {
            start_run(&t, &o);
            finish_run(&t);
            judge_between(j, "timelines put off", 1, 40,
                          t.stat[S_DEFERRED]);
            expect_all_spent_or_kept(&t);
            if (!again) {
                n = t.n_nodes;
                memcpy(first, t.node, sizeof(first));
            }
            judge_int(j, "timelines, in the second run", n, t.n_nodes);
            for (int i = 0; i < n; i++)
                judge_true(j, !memcmp(&first[i], &t.node[i],
                                      sizeof(first[0])),
                           "the same tree in both runs", "timeline %d "
                           "differs", i);
        }
    }
    close_show(&t);
}

static const struct judge_test tests[] = {
    {"window", window},
    {"slides", slides},
    {"turns", order_of_turns},
    {"tree", tree},
    {"adaptive", adaptive},
    {"room", room_for_the_first},
    {"bound", bound},
    {"put-off", put_off},
    {"sleeps", sleeps},
    {"deaths", deaths},
    {"deadline", deadline},
    {"other-children", other_children},
    {"storm", storm},
    {"fork-again", fork_again},
    {"fork-fails", fork_fails},
    {"few-processes", few_processes},
    {"starved", starved},
    {"stops", stops},
    {"killed", killed},
    {"nobody-left", nobody_left},
};

int
main(int argc, char **argv)
{
    JUDGE_MAIN(argc, argv, tests);
}
