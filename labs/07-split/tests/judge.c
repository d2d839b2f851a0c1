// SPDX-License-Identifier: MIT
// judge.c -- the judge of lab 7.
//
//     judge ==== subject: libsplit + split.c ---- warden ---- timelines ...
//
// Every timeline tells the judge what it is and waits; the kernel tells the
// judge which process it is, and whose child.  What ought to come, event by
// event, is in the model (model.c), which does not fork.  See walk.h and
// explorer/lab/xjudge.h.  Book: chapter 7.

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "model.h"
#include "xjudge.h"

struct test {
    struct judge *j;
    struct x_run run;
    struct model *m;
    pid_t pid[MODEL_NODES];              // of each timeline that lives
    pid_t brother[2];                    // the dead one, the living one
    // Called before a sender that waits may go on; may be NULL.
    void (*look)(struct test *t, const struct expected *want,
                 const struct x_seen *got);
    int64_t signals;                     // that its parents handled
    // What a run has to have, to be worth it.
    unsigned deep;                       // so deep at least has it to be
    size_t discoveries;                  // so many, at least
    unsigned shows;                      // mistakes that it shows: 1 << them
    void (*replan)(struct test *t);      // if ten have not; NULL: more of all
};

// Names whose marks share no bit of the coverage map.
enum { SOME = 10 };
static const char *const trees[SOME] = {
    "oak", "ash", "elm", "birch", "beech", "maple", "alder", "rowan", "yew",
    "pine",
};

// ---- words -----------------------------------------------------------------

static const char *
way_name(int64_t way)
{
    static const char *const name[] = {
        "it returns 0", "it returns 9", "an assertion fails", "split_bug()",
        "_exit(7)", "exit(0)", "abort()", "SIGSEGV", "SIGKILL",
        "it draws for ever", "it sleeps for ever",
    };

    return way >= 0 && way <= WAY_STUCK ? name[way] : "?";
}

static const char *
mark_name(int64_t mark)
{
    static char name[NAME];

    if (mark < 0 || mark >= MARKS)
        return "?";
    if (mark < SOME)
        return trees[mark];
    snprintf(name, sizeof(name), "%s %d", trees[mark % SOME],
             (int)mark / SOME);
    return name;
}

// What a timeline says, in words.
static void
describe(char *text, size_t size, int kind, int node, const int64_t *n)
{
    char who[32] = "the process of no timeline";

    if (node >= 0)
        snprintf(who, sizeof(who), "timeline %d", node);
    switch (kind) {
    case EV_BEGIN:
        snprintf(text, size, "%s starts the simulation", who);
        break;
    case EV_DISCOVER:
        snprintf(text, size, "%s discovers \"%s\" after %" PRId64 " draws",
                 who, mark_name(n[N_MARK]), n[N_COUNT]);
        break;
    case EV_BORN:
        snprintf(text, size, "%s is born at \"%s\"",
                 node < 0 ? "a timeline" : who, mark_name(n[N_MARK]));
        break;
    case EV_BACK:
        snprintf(text, size, "%s goes on after its split at \"%s\"", who,
                 mark_name(n[N_MARK]));
        break;
    case EV_STEP:
        snprintf(text, size, "%s is to take the step %" PRId64 "@%" PRIu64,
                 who, n[S_COUNT], (uint64_t)n[S_SEED]);
        break;
    case EV_ARRIVED:
        snprintf(text, size, "%s has arrived at the end of its path", who);
        break;
    case EV_END:
        snprintf(text, size, "%s ends (%s)", who, way_name(n[N_WAY]));
        break;
    case EV_OVER:
        snprintf(text, size, "the run is over (split_run() returned %" PRId64
                 ")", n[O_RESULT]);
        break;
    case EV_REPLAYED:
        snprintf(text, size, "the replay is over (%s)",
                 n[0] ? "it failed" : split_death_name((int)n[1]));
        break;
    default:
        snprintf(text, size, "message %d", kind);
    }
}

// ---- comparing -------------------------------------------------------------

static int
node_of(const struct test *t, pid_t pid)
{
    for (size_t i = 0; i < MODEL_NODES; i++)
        if (t->pid[i] == pid)
            return (int)i;
    return -1;
}

static void
check_seed(struct test *t, const char *what, uint64_t want, uint64_t got)
{
    char a[32], b[32];

    snprintf(a, sizeof(a), "%" PRIu64, want);
    snprintf(b, sizeof(b), "%" PRIu64, got);
    judge_str(t->j, what, a, b);
}

static void
check_numbers(struct test *t, const struct expected *want,
              const struct x_seen *got, const char *event)
{
    static const struct {
        enum number number;
        const char *name;
        bool is_seed;
    } field[] = {
        {N_DEPTH, "split_depth()", false},
        {N_SEED, "its seed", true},
        {N_COUNT, "draws since it was born", false},
        {N_STEP, "step of the simulation", false},
        {N_HASH, "hash of all it drew", true},
        {N_MARK, "mark", false},
        {N_GLOBAL, "energy of the whole tree", false},
        {N_LEFT, "energy of the mark", false},
        {N_POOL, "energy in the pool", false},
        {N_WAY, "way it ends", false},
        {N_SIGCHLD, "SIGCHLD (0 default, 1 ignored, 2 handled)", false},
    };
    char what[256];

    for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++) {
        enum number k = field[i].number;

        snprintf(what, sizeof(what), "%s: %s", event, field[i].name);
        if (field[i].is_seed)
            check_seed(t, what, (uint64_t)want->n[k], (uint64_t)got->n[k]);
        else
            judge_int(t->j, what, want->n[k], got->n[k]);
    }
}

// A timeline's process: a new one, a child of its parent's, when it is born;
// the same one ever after.
static void
check_process(struct test *t, const struct expected *want,
              const struct x_seen *got, const char *event)
{
    int parent = t->m->node[want->node].parent;
    char what[256];

    if (want->kind == EV_BEGIN) {
        t->pid[want->node] = got->pid;
        return;
    }
    if (want->kind != EV_BORN) {
        snprintf(what, sizeof(what), "%s: process", event);
        judge_true(t->j, got->pid == t->pid[want->node], "the timeline's own "
                   "process says so", "another process does (%s)", event);
        if (want->kind == EV_END)
            t->pid[want->node] = 0;          // its number is free now
        return;
    }
    snprintf(what, sizeof(what), "a child of timeline %d's process", parent);
    judge_true(t->j, node_of(t, got->pid) < 0, "a process of its own",
               "%s, but in the process of timeline %d", event,
               node_of(t, got->pid));
    judge_true(t->j, got->parent == t->pid[parent], what,
               "%s, as a child of another process", event);
    t->pid[want->node] = got->pid;
}

// The next message, which has to be this one.
static void
follow_one(struct test *t, const struct expected *want, struct x_seen *got)
{
    char event[200], other[200];

    describe(event, sizeof(event), want->kind, want->node, want->n);
    do {
        if (!x_next(&t->run, got, event))
            x_expect(&t->run, got, want->kind, event);  // says how it ended
        if (got->kind == EV_BROTHER) {
            t->brother[got->n[0] != 0] = got->pid;
            x_answer(got, 0);
        }
    } while (got->kind == EV_BROTHER);
    if (got->kind != (int)want->kind) {
        if (got->kind >= EV_FINDING && got->kind <= EV_NODE)
            snprintf(other, sizeof(other), "the run is over");
        else
            describe(other, sizeof(other), got->kind, node_of(t, got->pid),
                     got->n);
        if (want->kind == EV_BORN && got->kind == EV_BACK)
            judge_note(t->j, "no child was heard of: none was forked, or it "
                       "left at once, as children do whose parent's number "
                       "is not self.pid");
        judge_str(t->j, "what comes next", event, other);
    }
    if (want->kind == EV_STEP) {
        judge_int(t->j, "split_replaying(): count", want->n[S_COUNT],
                  got->n[S_COUNT]);
        check_seed(t, "split_replaying(): seed", (uint64_t)want->n[S_SEED],
                   (uint64_t)got->n[S_SEED]);
        judge_int(t->j, "split_draws() when split_replaying() is called",
                  want->n[S_DRAWS], got->n[S_DRAWS]);
        check_seed(t, "split_seed() when split_replaying() is called",
                   (uint64_t)want->n[S_OLD_SEED],
                   (uint64_t)got->n[S_OLD_SEED]);
    } else {
        check_process(t, want, got, event);
        check_numbers(t, want, got, event);
    }
    if (t->look)
        t->look(t, want, got);
}

static void
follow(struct test *t)
{
    struct x_seen got;

    for (size_t i = 0; i < t->m->n_events; i++) {
        follow_one(t, &t->m->event[i], &got);
        x_answer(&got, 0);
    }
}

// ---- after the run ---------------------------------------------------------

// Its path, as the recipe's text would have it, cut where it is long.
static void
print_path(char *text, size_t size, const struct split_step *path, size_t len)
{
    size_t n = 0;

    *text = '\0';
    for (size_t i = 0; i < len && n + 1 < size; i++)
        n += (size_t)snprintf(text + n, size - n, "%s%" PRIu64 "@%" PRIu64,
                              i ? " -> " : "", path[i].count, path[i].seed);
}

static void
check_finding(struct test *t, size_t i, const struct x_seen *got)
{
    const struct model_finding *want = &t->m->finding[i];
    struct split_step path[PATH], seen[PATH] = {{0}};
    char what[96], a[400], b[400];
    size_t len;
    struct x_seen step;

    snprintf(what, sizeof(what), "finding %zu: ", i);
    judge_true(t->j, i < t->m->n_findings, "no further finding",
               "%s %d of timeline %" PRId64,
               split_death_name((enum split_death)got->n[0]), (int)got->n[1],
               got->n[2]);
    snprintf(what, sizeof(what), "finding %zu: its timeline", i);
    judge_int(t->j, what, want->node, got->n[2]);
    snprintf(a, sizeof(a), "%s %d", split_death_name(want->death),
             want->code);
    snprintf(b, sizeof(b), "%s %d",
             split_death_name((enum split_death)got->n[0]), (int)got->n[1]);
    snprintf(what, sizeof(what), "finding %zu, of timeline %d: how it died",
             i, want->node);
    judge_str(t->j, what, a, b);
    snprintf(what, sizeof(what), "finding %zu: the root's seed", i);
    check_seed(t, what, want->root_seed, (uint64_t)got->n[3]);
    len = model_path(t->m, want->node, path);
    snprintf(what, sizeof(what), "finding %zu, of timeline %d: steps of its "
             "recipe", i, want->node);
    judge_int(t->j, what, (int64_t)len, got->n[4]);
    for (size_t k = 0; k < len; k++) {
        x_expect(&t->run, &step, EV_PATH, "a step of the recipe");
        seen[k] = (struct split_step){(uint64_t)step.n[0],
                                      (uint64_t)step.n[1]};
    }
    print_path(a, sizeof(a), path, len);
    print_path(b, sizeof(b), seen, len);
    snprintf(what, sizeof(what), "finding %zu, of timeline %d: its recipe", i,
             want->node);
    if (memcmp(path, seen, len * sizeof(*path)))
        judge_true(t->j, false, a, "%s", b);
}

static void
check_node(struct test *t, size_t i, const struct x_seen *got)
{
    const struct model_node *want = &t->m->node[i];
    char what[96], a[64], b[64];

    judge_true(t->j, i < t->m->n_nodes, "no further timeline in the tree",
               "timeline %zu", i);
    if (want->parent >= 0) {
        snprintf(what, sizeof(what), "the tree: parent of timeline %zu", i);
        judge_int(t->j, what, want->parent, got->n[0]);
        snprintf(what, sizeof(what), "the tree: mark of timeline %zu", i);
        judge_str(t->j, what, mark_name(want->mark), got->text);
        snprintf(what, sizeof(what), "the tree: draws of timeline %zu's "
                 "parent before the split", i);
        judge_int(t->j, what, (int64_t)want->count, got->n[1]);
    }
    snprintf(what, sizeof(what), "the tree: seed of timeline %zu", i);
    check_seed(t, what, want->seed, (uint64_t)got->n[2]);
    snprintf(what, sizeof(what), "the tree: depth of timeline %zu", i);
    judge_int(t->j, what, want->depth, got->n[3]);
    snprintf(a, sizeof(a), "%s %d", split_death_name(want->death),
             want->code);
    snprintf(b, sizeof(b), "%s %d",
             split_death_name((enum split_death)got->n[4]), (int)got->n[5]);
    snprintf(what, sizeof(what), "the tree: how timeline %zu ended", i);
    judge_str(t->j, what, a, b);
}

// Findings, tree, statistics.
static void
check_over(struct test *t, struct x_seen *over)
{
    const struct model *m = t->m;
    size_t findings = 0, nodes = 0;

    for (;;) {
        if (!x_next(&t->run, over, "the end of the run"))
            x_expect(&t->run, over, EV_OVER, "the end of the run");
        if (over->kind == EV_FINDING) {
            check_finding(t, findings++, over);
        } else if (over->kind == EV_NODE) {
            check_node(t, nodes++, over);
        } else if (over->kind == EV_OVER) {
            break;
        } else {
            char text[200];

            describe(text, sizeof(text), over->kind, node_of(t, over->pid),
                     over->n);
            judge_str(t->j, "what comes next", "the run is over", text);
        }
    }
    judge_true(t->j, over->n[O_RESULT] >= 0, "split_run() returns the number "
               "of findings", "%s", over->text);
    judge_int(t->j, "findings", (int64_t)m->n_findings, over->n[O_RESULT]);
    judge_int(t->j, "findings that are listed", (int64_t)m->n_findings,
              (int64_t)findings);
    judge_int(t->j, "timelines", (int64_t)m->n_nodes, over->n[O_TIMELINES]);
    judge_int(t->j, "timelines in the tree", (int64_t)m->n_nodes,
              (int64_t)nodes);
    judge_int(t->j, "splits", (int64_t)m->splits, over->n[O_SPLITS]);
    judge_int(t->j, "energy left", m->global, over->n[O_ENERGY]);
    judge_int(t->j, "energy left in the pool", m->pool, over->n[O_POOL]);
    judge_int(t->j, "forks tried again", (int64_t)m->retries,
              over->n[O_RETRIES]);
    judge_int(t->j, "forks given up", (int64_t)m->failures,
              over->n[O_FAILURES]);
    x_answer(over, 0);
}

// ---- planning --------------------------------------------------------------

static uint64_t
any_seed(struct judge *j)
{
    return judge_random(j);
}

// A sequential run in fixed mode, of moderate size.
static void
plan(struct test *t, struct judge *j)
{
    struct split_config *c;
    struct walk *k;

    *t = (struct test){.j = j, .m = calloc(1, sizeof(*t->m))};
    if (!t->m)
        judge_fail(j, JUDGE_BROKEN, "memory", "none");
    c = &t->m->order.config;
    k = &t->m->order.walk;
    *c = (struct split_config){
        .seed = any_seed(j), .seeds = 1,
        .max_depth = (unsigned)judge_range(j, 2, 4),
        .timelines = (unsigned)judge_range(j, 2, 4),
        .energy = 60, .width = SPLIT_SEQUENTIAL, .shared_mb = 8,
        .fork_tries = 3,
        .adaptive = {.batch = 3, .min = 3, .max = 9, .mark_energy = 8},
    };
    k->steps = (unsigned)judge_range(j, 20, 40);
    k->marks = (unsigned)judge_range(j, 4, SOME);
    k->idle = (unsigned)judge_range(j, 4, 24);
    for (int i = 0; i < MARKS; i++)
        snprintf(k->mark[i], NAME, "%s", mark_name(i));
    t->m->order.what = DO_RUN;
}

static void
say_plan(struct test *t)
{
    const struct split_config *c = &t->m->order.config;
    const struct walk *k = &t->m->order.walk;
    const struct split_adaptive *a = &c->adaptive;
    char how[200];

    if (c->is_adaptive)
        snprintf(how, sizeof(how), "adaptive (batches of %u, %u to %u a "
                 "split, %" PRId64 " a mark)", a->batch, a->min, a->max,
                 a->mark_energy);
    else
        snprintf(how, sizeof(how), "%u timelines a split", c->timelines);
    judge_input(t->j, "seed %" PRIu64 ", %s, depth %u, energy %" PRId64
                ": %zu timelines, %zu findings are to come", c->seed, how,
                c->max_depth, c->energy, t->m->n_nodes, t->m->n_findings);
    judge_input(t->j, "the simulation: %u steps, %u marks, %u idle draws",
                k->steps, k->marks, k->idle);
}

static bool
is_deep(const struct test *t)
{
    for (size_t i = 0; i < t->m->n_nodes; i++)
        if (t->m->node[i].depth >= t->deep)
            return true;
    return false;
}

static size_t
discoveries(const struct model *m)
{
    size_t n = 0;

    for (size_t i = 0; i < m->n_events; i++)
        n += m->event[i].kind == EV_DISCOVER;
    return n;
}

// Whether somebody who makes this mistake tells anything else than the model.
static bool
is_shown(const struct model *m, enum mistake mistake,
         void (*run)(struct model *m))
{
    static struct model wrong;

    memset(&wrong, 0, offsetof(struct model, event));
    wrong.order = m->order;
    wrong.mistake = mistake;
    run(&wrong);
    return wrong.n_events != m->n_events ||
           wrong.n_findings != m->n_findings ||
           memcmp(wrong.event, m->event, m->n_events * sizeof(*m->event));
}

static bool
is_worth_it(const struct test *t, void (*run)(struct model *m))
{
    if (!is_deep(t) || discoveries(t->m) < t->discoveries)
        return false;
    for (int i = 0; i < MISTAKES; i++)
        if (t->shows >> i & 1 && !is_shown(t->m, (enum mistake)i, run))
            return false;
    return true;
}

// The model's run, again with another seed until it is worth to be tested: at
// least so many timelines, findings, and what `t` asks for.  If seeds do not do
// it, more of all, and in the end fewer timelines; or another plan.
static void
model_until(struct test *t, size_t nodes, size_t findings,
            void (*run)(struct model *m))
{
    for (int tries = 0; tries < 200; tries++) {
        struct order order = t->m->order;

        memset(t->m, 0, offsetof(struct model, event));
        t->m->order = order;
        run(t->m);
        if (t->m->n_nodes >= nodes && t->m->n_findings >= findings &&
            is_worth_it(t, run))
            return;
        t->m->order.config.seed = any_seed(t->j);
        if (tries % 10 < 9)
            continue;
        if (t->replan) {
            t->replan(t);
            continue;
        }
        if (tries >= 100)
            nodes -= (nodes + 7) / 8;
        if (t->m->order.walk.idle > 6)
            t->m->order.walk.idle -= 2;
        t->m->order.walk.steps += 5;
        if (t->m->order.walk.marks > 1 && t->m->order.walk.marks < SOME)
            t->m->order.walk.marks++;
        t->m->order.config.timelines += t->m->order.config.timelines > 1;
        t->m->order.config.adaptive.max++;
        t->m->order.config.adaptive.mark_energy += 2;
    }
    judge_fail(t->j, JUDGE_BROKEN, "a run that is worth to be tested",
               "none with 200 seeds");
}

// Runs, and compares all that comes.
static void
explore(struct test *t)
{
    struct x_seen over;

    say_plan(t);
    memset(t->pid, 0, sizeof(t->pid));
    x_order(&t->run, &t->m->order, sizeof(t->m->order));
    follow(t);
    check_over(t, &over);
}

static void
whole(struct test *t)
{
    x_start(&t->run, t->j, NULL);
    explore(t);
    x_end(&t->run);
}

// ---- seeds -----------------------------------------------------------------

static void
ask_seeds(struct test *t, uint64_t parent, const char *mark, uint64_t index,
          bool is_root)
{
    struct order order = {.what = DO_SEEDS, .parent = parent, .index = index};
    struct x_seen got;
    char what[160];

    snprintf(order.mark, sizeof(order.mark), "%s", mark);
    x_order(&t->run, &order, sizeof(order));
    x_expect(&t->run, &got, EV_SEEDS, "the seeds");
    if (is_root) {
        snprintf(what, sizeof(what), "split_root_seed(%" PRIu64 ", %" PRIu64
                 ")", parent, index);
        check_seed(t, what, model_root_seed(parent, index),
                   (uint64_t)got.n[1]);
    } else {
        snprintf(what, sizeof(what), "split_child_seed(%" PRIu64 ", \"%s\", %"
                 PRIu64 ")", parent, mark, index);
        check_seed(t, what, model_child_seed(parent, mark, index),
                   (uint64_t)got.n[0]);
    }
}

// What a seed is made of: with index 0 there is nothing to spread.
static void
seeds(struct judge *j)
{
    struct test t = {.j = j};
    char mark[40];

    judge_input(j, "seeds of child 0, for random parents and marks");
    x_start(&t.run, j, NULL);
    for (int i = 0; i < 20; i++) {
        judge_token(j, mark, (size_t)judge_range(j, 1, sizeof(mark)));
        ask_seeds(&t, any_seed(j), mark, 0, false);
        ask_seeds(&t, any_seed(j), mark, 0, true);
    }
    x_end(&t.run);
}

static void
spread(struct judge *j)
{
    struct test t = {.j = j};
    uint64_t parent = any_seed(j);
    char mark[40];

    judge_token(j, mark, sizeof(mark));
    judge_input(j, "seeds of many children of one split");
    x_start(&t.run, j, NULL);
    for (uint64_t i = 0; i < 40; i++)
        ask_seeds(&t, parent, mark, i, i % 4 == 3);
    for (int i = 0; i < 20; i++)
        ask_seeds(&t, parent, mark, (uint64_t)judge_range(j, 40, 100000),
                  i % 4 == 3);
    x_end(&t.run);
}

// ---- trees -----------------------------------------------------------------

// A simulation that may not split just runs; and so does one that may, but
// has nothing to pay with.
static void
alone(struct judge *j)
{
    struct test t;

    plan(&t, j);
    t.discoveries = 1;
    x_start(&t.run, j, NULL);
    for (int i = 0; i < 4; i++) {
        t.m->order.config.max_depth = i % 2 ? 2 : 0;
        t.m->order.config.energy = i % 2 ? 0 : 60;
        t.m->order.config.seed = any_seed(j);
        model_until(&t, 1, 0, model_run);
        explore(&t);
    }
    x_end(&t.run);
}

static void
first_split(struct judge *j)
{
    struct test t;

    plan(&t, j);
    t.m->order.config.max_depth = 1;
    t.m->order.walk.marks = 1;
    t.m->order.walk.idle = 6;
    model_until(&t, t.m->order.config.timelines + 1, 0, model_run);
    whole(&t);
}

static const char *
read_stat(pid_t pid, char *line, size_t size)
{
    char path[64], *p = NULL;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    if ((f = fopen(path, "re"))) {
        if (fgets(line, (int)size, f))
            p = strrchr(line, ')');
        fclose(f);
    }
    return p && strlen(p) > 4 ? p + 2 : "X";
}

static char
state_of(pid_t pid)
{
    char line[512];

    return *read_stat(pid, line, sizeof(line));
}

// Until the process sleeps.  It has been told nothing that would wake it, so
// it will unless it never does: then the cell's deadline ends the test.
static void
await_sleep(struct test *t, pid_t pid, const char *what)
{
    struct timespec nap = {0, 200000};

    for (int i = 0; i < 50000; i++) {
        if (strchr("SX", state_of(pid)))
            return;
        nanosleep(&nap, NULL);
    }
    judge_fail(t->j, JUDGE_TIMEOUT, what, "it runs all the time");
}

static int
count_children(pid_t pid)
{
    char path[80], line[4096];
    int n = 0;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid,
             (int)pid);
    if (!(f = fopen(path, "re")))
        return -1;
    if (fgets(line, sizeof(line), f))
        for (char *p = line; *p; p++)
            n += *p == ' ';
    fclose(f);
    return n;
}

// While a child is alive, its parent sleeps, and has no other.
static void
look_alone(struct test *t, const struct expected *want,
           const struct x_seen *got)
{
    int n = 0;

    if (want->kind != EV_BORN)
        return;
    await_sleep(t, got->parent, "a parent that sleeps until its child ends");
    // A list without the child that waits for us was read at a bad moment:
    // proc(5) promises it for children that are frozen only.
    for (int tries = 0; n == 0 && tries < 100; tries++)
        n = count_children(got->parent);
    if (n > 0)
        judge_int(t->j, "children of a timeline at once", 1, n);
}

static void
one_at_a_time(struct judge *j)
{
    struct test t;

    plan(&t, j);
    t.look = look_alone;
    t.m->order.config.energy = 30;
    model_until(&t, 12, 0, model_run);
    whole(&t);
}

static void
depth(struct judge *j)
{
    struct test t;

    plan(&t, j);
    x_start(&t.run, j, NULL);
    for (unsigned d = 0; d < 5; d++) {
        // Many marks, so that a parent splits again after its children.
        t.deep = t.m->order.config.max_depth = d;
        t.shows = d ? 1u << LEVEL_STAYS : 0;
        t.m->order.config.timelines = 2;
        t.m->order.walk.marks = MARKS / 2;
        t.m->order.walk.steps = 8;
        model_until(&t, d ? 5 + 2 * d : 1, 0, model_run);
        explore(&t);
    }
    x_end(&t.run);
}

static void
tree(struct judge *j)
{
    struct test t;

    plan(&t, j);
    x_start(&t.run, j, NULL);
    for (int i = 0; i < 4; i++) {
        struct x_run run = t.run;

        free(t.m);
        plan(&t, j);
        t.run = run;
        t.look = look_alone;     // who forks on will have paid for that
        t.shows = 1u << LEVEL_STAYS;
        // Many marks: else the first child's first child takes them all.
        t.m->order.config.energy = 100;
        t.m->order.config.max_depth = (unsigned)judge_range(j, 2, 5);
        t.deep = t.m->order.config.max_depth;
        t.m->order.walk.marks = (unsigned)judge_range(j, 30, MARKS);
        t.m->order.walk.steps = (unsigned)judge_range(j, 6, 12);
        model_until(&t, 20, 0, model_run);
        explore(&t);
    }
    x_end(&t.run);
}

// ---- energy ----------------------------------------------------------------

static void
energy(struct judge *j)
{
    struct test t;

    plan(&t, j);
    x_start(&t.run, j, NULL);
    for (int i = 0; i < 4; i++) {
        t.m->order.config.energy = judge_range(j, 5, 25);
        model_until(&t, (size_t)t.m->order.config.energy + 1, 0, model_run);
        explore(&t);
    }
    x_end(&t.run);
}

static void
plan_adaptive(struct test *t)
{
    struct judge *j = t->j;
    struct split_config *c = &t->m->order.config;

    c->is_adaptive = true;
    c->energy = judge_range(j, 40, 90);
    c->adaptive = (struct split_adaptive){
        .batch = (unsigned)judge_range(j, 2, 4),
        .min = (unsigned)judge_range(j, 1, 6),
        .max = (unsigned)judge_range(j, 6, 12),
        .mark_energy = judge_range(j, 4, 14),
    };
}

// Adaptive, and marks are seldom, so that children find them batch after batch.
static void
plan_fruitful(struct test *t)
{
    struct walk *k = &t->m->order.walk;
    struct split_adaptive *a;

    plan_adaptive(t);
    a = &t->m->order.config.adaptive;
    a->min = (unsigned)judge_range(t->j, 1, 3);
    a->max = (unsigned)judge_range(t->j, 8, 12);
    k->marks = SOME;
    k->idle = (unsigned)judge_range(t->j, 20, 60);
    k->steps = (unsigned)judge_range(t->j, 40, 70);
    t->m->order.config.max_depth = (unsigned)judge_range(t->j, 2, 4);
}

static void
adaptive(struct judge *j)
{
    struct test t;

    plan(&t, j);
    x_start(&t.run, j, NULL);
    t.shows = 1u << YIELD_IS_LOST | 1u << ONE_BATCH;
    t.replan = plan_fruitful;
    for (int i = 0; i < 4; i++) {
        plan_fruitful(&t);
        model_until(&t, 20, 0, model_run);
        explore(&t);
    }
    // One mark: its children see it again, and that is no news.
    t.shows = 1u << OWN_NEWS;
    t.replan = NULL;
    t.m->order.walk.marks = 1;
    t.m->order.walk.idle = 2;
    t.m->order.config.max_depth = 1;
    t.m->order.config.adaptive = (struct split_adaptive){
        .batch = 2, .min = 2, .max = 9, .mark_energy = 9};
    model_until(&t, 3, 0, model_run);
    explore(&t);
    x_end(&t.run);
}

static void
seeds_in_a_row(struct judge *j)
{
    struct test t;

    plan(&t, j);
    plan_adaptive(&t);
    t.m->order.config.seeds = 3;
    t.m->order.config.energy = 30;
    t.shows = 1u << NEVER_WARM | 1u << ONE_BATCH;
    x_start(&t.run, j, NULL);
    for (unsigned i = 0; i < 2; i++) {
        // A warm run stops after one batch where a cold one makes seven.
        t.m->order.config.adaptive = (struct split_adaptive){
            .batch = 2, .min = 7, .max = 12, .mark_energy = 14,
            .warm_min = i};
        model_until(&t, 30, 0, model_run);
        explore(&t);
    }
    x_end(&t.run);
}

// ---- findings --------------------------------------------------------------

static void
plan_ways(struct test *t, const enum way *way, unsigned n)
{
    struct walk *k = &t->m->order.walk;

    k->n_ways = n;
    k->dies_from = 1;
    memcpy(k->way, way, n * sizeof(*way));
    t->m->order.config.max_draws = 2000;
}

static void
deaths(struct judge *j)
{
    static const enum way way[] = {
        WAY_RETURN, WAY_ALWAYS, WAY_BUG, WAY_CODE, WAY_EXIT, WAY_ABORT,
        WAY_SEGV, WAY_KILL,
    };
    static const enum way rest[] = {WAY_HANG, WAY_CODE};
    struct test t;

    plan(&t, j);
    plan_ways(&t, way, WAYS);
    t.m->order.walk.idle = 20;
    t.shows = 1u << ONLY_42;
    x_start(&t.run, j, NULL);
    model_until(&t, 12, 8, model_run);
    explore(&t);
    plan_ways(&t, rest, 2);
    model_until(&t, 12, 2, model_run);
    explore(&t);
    x_end(&t.run);
}

// Runs, and waits for its end; whether `timeline` hung.  `others`: timelines
// that are said to have hung too.
static bool
hangs(struct test *t, int timeline, struct x_seen *over, int *others)
{
    bool is_found = false;

    *others = 0;
    x_order(&t->run, &t->m->order, sizeof(t->m->order));
    for (;;) {
        bool is_hang;

        if (!x_next(&t->run, over, "the end of the run"))
            x_expect(&t->run, over, EV_OVER, "the end of the run");
        if (over->kind == EV_OVER)
            return is_found;
        if (over->kind != EV_FINDING)
            continue;
        is_hang = over->n[0] == SPLIT_HANG;
        *others += is_hang && over->n[2] != timeline;
        if (over->n[2] != timeline)
            continue;
        judge_true(t->j, is_hang, "the timeline that sleeps ends as a hang",
                   "%s", split_death_name((enum split_death)over->n[0]));
        is_found = true;
    }
}

// A child of the only split sleeps for ever.  How long the others take is the
// machine's business: where it is so slow that they are not done in time
// either, all get more.
static void
stuck(struct judge *j)
{
    struct test t;
    struct x_seen got;
    bool is_found;
    int others;

    plan(&t, j);
    plan_ways(&t, (enum way[]){WAY_STUCK}, 1);
    t.m->order.config.max_depth = 1;
    t.m->order.config.timelines = 3;
    t.m->order.config.energy = 3;
    t.m->order.walk.marks = 1;
    t.m->order.walk.idle = 40;
    t.m->order.circumstances = QUIET;
    t.m->order.config.wall_ms = 200;
    model_until(&t, 4, 1, model_run);
    say_plan(&t);
    x_start(&t.run, j, NULL);
    for (;;) {
        judge_input(j, "wall_ms is %u; timeline %d sleeps for ever",
                    t.m->order.config.wall_ms, t.m->finding[0].node);
        is_found = hangs(&t, t.m->finding[0].node, &got, &others);
        if (others == 0 || t.m->order.config.wall_ms >= 800)
            break;
        x_answer(&got, 0);
        t.m->order.config.wall_ms *= 2;
    }
    judge_true(j, is_found, "a finding: hang", "none for that timeline");
    judge_int(j, "timelines", (int64_t)t.m->n_nodes, got.n[O_TIMELINES]);
    x_answer(&got, 0);
    x_end(&t.run);
}

static void
recipes(struct judge *j)
{
    struct test t;

    plan(&t, j);
    plan_ways(&t, (enum way[]){WAY_CODE, WAY_BUG, WAY_ALWAYS}, 3);
    t.m->order.config.max_depth = 5;
    t.m->order.config.energy = 90;
    t.m->order.config.seeds = 2;
    t.m->order.walk.dies_from = 2;
    t.m->order.walk.steps = 60;
    model_until(&t, 30, 8, model_run);
    whole(&t);
}

static void
stop(struct judge *j)
{
    struct test t;

    plan(&t, j);
    plan_ways(&t, (enum way[]){WAY_CODE, WAY_KILL}, 2);
    t.m->order.config.max_depth = 4;
    t.m->order.config.seeds = 3;
    t.m->order.walk.dies_from = 2;
    x_start(&t.run, j, NULL);
    for (unsigned n = 1; n < 4; n++) {
        t.m->order.config.stop_after = n;
        model_until(&t, 5, n, model_run);
        judge_input(j, "stop after %u findings", n);
        explore(&t);
    }
    x_end(&t.run);
}

// ---- replay ----------------------------------------------------------------

// Follows one recipe; how it must come out is the model's, which has run.
// `is_short`: it ends before the last step is due.
static void
replay_one(struct test *t, uint64_t root_seed, const struct split_step *path,
           size_t len, bool is_here, bool is_short)
{
    struct model *m = t->m;
    struct order order = m->order;
    const struct model_node *end;
    struct x_seen got;
    char text[300], a[64], b[64];

    model_replay(m, root_seed, path, len);
    end = &m->node[m->n_nodes];
    order.what = is_here ? DO_REPLAY_HERE : DO_REPLAY;
    order.seed = root_seed;
    order.has_seed = true;
    order.len = (uint32_t)len;
    memcpy(order.step, path, len * sizeof(*path));
    print_path(text, sizeof(text), path, len);
    judge_input(t->j, "replay%s: %" PRIu64 ": %s",
                is_here ? " in this process" : "", root_seed, text);
    x_order(&t->run, &order, sizeof(order));
    follow(t);
    x_expect(&t->run, &got, EV_REPLAYED, "the end of the replay");
    if (is_short) {
        judge_int(t->j, "split_replay() of a recipe that is not reached",
                  -EXDEV, got.n[0]);
    } else if (is_here) {
        judge_int(t->j, "split_replay_here()", 0, got.n[0]);
    } else {
        judge_true(t->j, got.n[0] == 0, "split_replay() returns 0", "%s",
                   got.text);
        snprintf(a, sizeof(a), "%s %d", split_death_name(end->death),
                 end->code);
        snprintf(b, sizeof(b), "%s %d",
                 split_death_name((enum split_death)got.n[1]), (int)got.n[2]);
        judge_str(t->j, "how the replay ended", a, b);
    }
    x_answer(&got, 0);
}

// A run with findings and without, of which every tenth path is replayed.
static void
plan_replay(struct test *t, struct judge *j)
{
    plan(t, j);
    plan_ways(t, (enum way[]){WAY_CODE, WAY_BUG, WAY_KILL}, 3);
    t->m->order.walk.dies_from = 2;
    t->m->order.walk.steps = 50;
    t->m->order.walk.tick = (unsigned)judge_range(j, 1, 9);
    t->m->order.config.max_depth = 4;
    t->m->order.config.energy = 50;
    model_until(t, 30, 4, model_run);
}

// Who followed a step is a child, as if it had been born there.  Whether its
// ticks are set to 0 before or after it says so is all the same.
static void
look_like_a_child(struct test *t, const struct expected *want,
                  const struct x_seen *got)
{
    char event[200], what[300];

    describe(event, sizeof(event), want->kind, want->node, want->n);
    if (want->kind == EV_STEP) {
        snprintf(what, sizeof(what), "%s: self.ticks, counted from the "
                 "step before it on", event);
        if (got->n[S_TICKS] != 0)
            judge_int(t->j, what, want->n[S_TICKS], got->n[S_TICKS]);
        return;
    }
    snprintf(what, sizeof(what), "%s: split_is_child()", event);
    judge_int(t->j, what, want->n[N_IS_CHILD], got->n[N_IS_CHILD]);
    snprintf(what, sizeof(what), "%s: self.ticks, for max_ticks", event);
    judge_int(t->j, what, want->n[N_TICKS], got->n[N_TICKS]);
}

static void
replay(struct judge *j)
{
    struct test t;
    struct split_step path[PATH];

    plan_replay(&t, j);
    t.look = look_like_a_child;
    judge_input(j, "each step of the simulation begins with split_tick(%u)",
                t.m->order.walk.tick);
    x_start(&t.run, j, NULL);
    explore(&t);
    for (size_t i = 0; i < t.m->n_nodes; i += i < 8 ? 1 : 7)
        replay_one(&t, t.m->root_seed, path, model_path(t.m, (int)i, path),
                   false, false);

    // A path that nobody has gone, on which much is still to be discovered.
    t.m->order.walk.marks = MARKS;
    t.m->order.walk.n_ways = 0;
    t.m->order.walk.steps = 8;
    t.m->order.config.timelines = 1;
    t.m->order.config.energy = 300;
    model_until(&t, 8, 0, model_run);
    explore(&t);
    do {
        for (int i = 0; i < 2; i++)
            path[i] = (struct split_step){(uint64_t)judge_range(j, 1, 2),
                                          any_seed(j)};
        model_replay(t.m, t.m->root_seed, path, 2);
    } while (t.m->passed == 0);
    replay_one(&t, t.m->root_seed, path, 2, false, false);
    x_end(&t.run);
}

static void
replay_here(struct judge *j)
{
    struct test t;
    struct split_step path[PATH];
    int deepest = 0;
    size_t len;

    plan_replay(&t, j);
    x_start(&t.run, j, NULL);
    explore(&t);
    for (size_t i = 0; i < t.m->n_nodes; i++)
        if (t.m->node[i].death == SPLIT_FINE &&
            t.m->node[i].depth > t.m->node[deepest].depth)
            deepest = (int)i;
    len = model_path(t.m, deepest, path);
    replay_one(&t, t.m->root_seed, path, len, true, false);
    // One step more, so late that no timeline gets there.
    path[len++] = (struct split_step){100000, any_seed(j)};
    replay_one(&t, t.m->root_seed, path, len, false, true);
    x_end(&t.run);
}

// A split within a split within a split: each timeline discovers a mark at
// once, so the path to the last one is long.
static void
long_path(struct judge *j)
{
    struct test t;
    struct split_step path[PATH];
    size_t len;

    plan(&t, j);
    plan_ways(&t, (enum way[]){WAY_CODE}, 1);
    t.m->order.config.max_depth = PATH - 10;
    t.m->order.config.timelines = 1;
    t.m->order.config.energy = PATH;
    t.m->order.walk.steps = PATH + 100;
    t.m->order.walk.marks = MARKS;
    t.m->order.walk.n_ways = 1;
    t.m->order.walk.idle = 0;
    t.m->order.walk.dies_from = PATH - 20;
    judge_input(j, "recipes of more than %d steps", PATH - 20);
    x_start(&t.run, j, NULL);
    model_until(&t, PATH - 20, 1, model_run);
    explore(&t);
    len = model_path(t.m, t.m->finding[0].node, path);
    replay_one(&t, t.m->root_seed, path, len, false, false);
    x_end(&t.run);
}

// ---- circumstances ---------------------------------------------------------

static void
failed_forks(struct judge *j)
{
    struct test t;

    plan(&t, j);
    x_start(&t.run, j, NULL);
    for (int i = 0; i < 3; i++) {
        int born = 1;

        if (i > 0)
            plan_adaptive(&t);
        // Given up at once, tried again, given up later; and so on.
        for (int k = 0; k < FAILS; k++) {
            born += (int)judge_range(j, 1, 4);
            t.m->order.fails[k] =
                (struct fork_fails){born, k % 3 == 1 ? 1 : 3};
        }
        model_until(&t, (size_t)born + 2, 0, model_run);
        judge_input(j, "fork() fails 3 times in a row, or once, %d times in "
                    "all; fork_tries is 3", FAILS);
        explore(&t);
    }
    x_end(&t.run);
}

static void
sigchld(struct judge *j)
{
    struct test t;

    plan(&t, j);
    plan_ways(&t, (enum way[]){WAY_CODE, WAY_SEGV}, 2);
    x_start(&t.run, j, NULL);
    for (int i = 0; i < 2; i++) {
        t.m->order.circumstances = i ? SIGCHLD_HANDLED : SIGCHLD_IGNORED;
        judge_input(j, "the simulation %s SIGCHLD",
                    i ? "handles" : "ignores");
        model_until(&t, 10, 2, model_run);
        explore(&t);
    }
    x_end(&t.run);
}

// How often it has slept so far, of its own accord.
static long
sleeps(pid_t pid)
{
    char path[64], line[256];
    long n = -1;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    if (!(f = fopen(path, "re")))
        return -1;
    while (fgets(line, sizeof(line), f))
        if (sscanf(line, "voluntary_ctxt_switches: %ld", &n) == 1)
            break;
    fclose(f);
    return n;
}

// The parent of whoever is born sleeps, gets a signal, and is to sleep on.
static void
look_signal(struct test *t, const struct expected *want,
            const struct x_seen *got)
{
    struct timespec nap = {0, 200000};
    long before;

    if (want->kind == EV_BACK)
        t->signals += got->n[N_SIGNALS];
    if (want->kind != EV_BORN)
        return;
    await_sleep(t, got->parent, "a parent that sleeps until its child ends");
    before = sleeps(got->parent);
    if (kill(got->parent, SIGUSR1) < 0)
        judge_fail(t->j, JUDGE_BROKEN, "a signal", "%s", strerror(errno));
    for (int i = 0; i < 5000 && sleeps(got->parent) == before; i++)
        nanosleep(&nap, NULL);
    await_sleep(t, got->parent, "a parent that sleeps on after a signal");
}

static void
signals(struct judge *j)
{
    struct test t;

    plan(&t, j);
    t.look = look_signal;
    t.m->order.circumstances = SIGNALS;
    t.m->order.config.energy = 20;
    plan_ways(&t, (enum way[]){WAY_CODE, WAY_KILL}, 2);
    model_until(&t, 10, 2, model_run);
    judge_input(j, "every parent gets a signal while its child lives; its "
                "handler does not restart system calls");
    whole(&t);
    judge_true(j, t.signals > 0, "signals that were handled", "none");
}

static void
look_brothers(struct test *t, const struct expected *want,
              const struct x_seen *got)
{
    if (got->pid != t->pid[0] || want->kind == EV_BEGIN ||
        want->kind == EV_END)
        return;                              // too early, too late
    judge_true(t->j, state_of(t->brother[0]) == 'Z', "the simulation's dead "
               "child is still to be waited for", "somebody has waited for "
               "it");
    judge_true(t->j, strchr("SR", state_of(t->brother[1])) != NULL,
               "the simulation's living child lives", "it is dead");
}

static void
brothers(struct judge *j)
{
    struct test t;

    plan(&t, j);
    t.look = look_brothers;
    t.m->order.circumstances = BROTHERS;
    t.m->order.config.energy = 20;
    plan_ways(&t, (enum way[]){WAY_CODE, WAY_KILL}, 2);
    model_until(&t, 10, 2, model_run);
    judge_input(j, "the simulation has two children of its own: one that is "
                "dead already, one that lives on");
    whole(&t);
}

// ---- together with the rest ------------------------------------------------

// By has_split window.c knows whether a child that is done needed slots for
// children of its own: after evictions only those that did not let its window
// grow again.  There are more timelines than marks, so some discover nothing.
static void
check_has_split(struct test *t, const struct x_seen *over)
{
    judge_int(t->j, "splits after which has_split is not set in the slot of "
              "the timeline that split", 0, over->n[O_UNSAID]);
    judge_int(t->j, "timelines that discovered nothing, and have has_split "
              "set in their slot", 0, over->n[O_MISSAID]);
}

static void
parallel(struct judge *j)
{
    struct test t;
    struct x_seen over;

    plan(&t, j);
    plan_ways(&t, (enum way[]){WAY_CODE, WAY_BUG}, 2);
    t.m->order.circumstances = QUIET;
    x_start(&t.run, j, NULL);
    for (unsigned i = 1; i < 4; i++) {
        t.m->order.config.width = SPLIT_SEQUENTIAL;
        t.m->order.config.max_depth = i;
        model_until(&t, 12, 2, model_run);
        t.m->order.config.width = SPLIT_PROCESSES;
        t.m->order.config.width_n = t.m->order.config.max_depth + 4;
        judge_input(j, "%u processes at once; the result is to be that of "
                    "the sequential loop", t.m->order.config.width_n);
        say_plan(&t);
        x_order(&t.run, &t.m->order, sizeof(t.m->order));
        check_over(&t, &over);
        // One after the other, a root and one child.
        if (i == 1)
            judge_true(j, over.n[O_LIVE] > 2, "timelines that run at once",
                       "one after the other");
        check_has_split(&t, &over);
    }
    x_end(&t.run);
}

static void
put_off(struct judge *j)
{
    struct test t;
    struct x_seen over;

    plan(&t, j);
    plan_ways(&t, (enum way[]){WAY_CODE, WAY_BUG}, 2);
    t.m->order.config.energy = 30;
    t.m->order.walk.steps = 8;
    t.m->order.walk.marks = SOME;
    t.deep = 2;
    model_until(&t, 15, 2, model_run_put_off);
    t.m->order.config.width = SPLIT_PROCESSES;
    t.m->order.config.width_n = 1;
    say_plan(&t);
    judge_input(j, "one process: every split is put off, and its timelines "
                "are run from the start");
    x_start(&t.run, j, NULL);
    x_order(&t.run, &t.m->order, sizeof(t.m->order));
    follow(&t);
    check_over(&t, &over);
    x_end(&t.run);
}

static const struct judge_test tests[] = {
    {"seeds", seeds}, {"spread", spread}, {"alone", alone},
    {"first-split", first_split},
    {"one-at-a-time", one_at_a_time}, {"depth", depth}, {"tree", tree},
    {"energy", energy}, {"adaptive", adaptive}, {"roots", seeds_in_a_row},
    {"deaths", deaths}, {"stuck", stuck}, {"recipes", recipes},
    {"stop", stop}, {"replay", replay}, {"replay-here", replay_here},
    {"long-path", long_path}, {"failed-forks", failed_forks},
    {"sigchld", sigchld}, {"signals", signals}, {"brothers", brothers},
    {"parallel", parallel}, {"put-off", put_off},
};

int
main(int argc, char **argv)
{
    JUDGE_MAIN(argc, argv, tests);
}
