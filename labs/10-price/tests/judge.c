// SPDX-License-Identifier: MIT
// judge.c -- the judge of lab 10.
//
// What price_measure() measures is a machine that the judge makes up (world.c),
// and once the real one (places.c); either lives in this process, and the
// subject asks it over a socket.  What price_fit() fits is made from the seed.
// What price_spawn() does is seen by tracing it (trace.c) and in /proc.  See
// talk.h.  Book: chapter 10.
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <dirent.h>
#include <time.h>
#include <unistd.h>

#include "places.h"
#include "proc.h"
#include "trace.h"
#include "world.h"

enum { FDS_MOST = 64 };

struct test {
    struct judge *j;
    struct cell *cell;
    int channel;
    struct order order;
    struct word word;
    int fds;           // descriptors of the subject before price_spawn()
    int open[FDS_MOST];
    char cwd[TRACE_TEXT];
};

static void
start(struct test *t, struct judge *j)
{
    int s[2];
    static char *const argv[] = {"/built/subject", NULL};
    *t = (struct test){.j = j};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s) < 0)
        judge_fail(j, JUDGE_BROKEN, "a socket", "%s", strerror(errno));
    struct sv_fd fds[] = {{TALK_FD, s[1]}};
    t->channel = s[0];
    t->cell = judge_start(j, &(struct cell_spec){.argv = argv, .fds = fds,
                                                 .nfds = 1});
    close(s[1]);
}

static void
give(struct test *t)
{
    judge_send(t->j, t->cell, t->channel, &t->order, sizeof(t->order));
}

static void
take(struct test *t, const char *what)
{
    judge_recv(t->j, t->cell, t->channel, &t->word, sizeof(t->word), what);
}

static void
reply(struct test *t, int64_t value)
{
    judge_send(t->j, t->cell, t->channel, &value, sizeof(value));
}

// ------------------------------------------------------------------ 1. measure

static const char *const until_text[] = {"created", "ended", "reaped"};

static void
say_question(struct test *t, int i)
{
    const struct price_question *q = &t->order.measure.questions[i];
    judge_input(t->j, "question %d: %zu pages, %s, until it is %s", i,
                q->pages, q->kind == PRICE_HUGE ? "huge" : "of 4 KiB",
                until_text[q->until]);
}

// So many questions about memory of different sizes, from the seed.
static struct measure_order *
ask(struct test *t, int n, int warm, int samples)
{
    struct measure_order *m = &t->order.measure;
    t->order.job = JOB_MEASURE;
    m->n = n;
    m->plan = (struct price_plan){(int)judge_range(t->j, 1, 7), warm, samples};
    for (int i = 0; i < n; i++)
        m->questions[i] = (struct price_question){
            (size_t)(i * 4096 + judge_range(t->j, 1024, 3000)), PRICE_SMALL,
            PRICE_REAPED};
    return m;
}

// Ask, and carry out what the subject asks in turn, until it has the answer.
static void
run_world(struct test *t, struct world *w)
{
    give(t);
    for (;;) {
        take(t, "price_measure() returns");
        if (t->word.op == OP_ANSWER)
            return;
        reply(t, world_call(w, &t->word));
    }
}

// The value q of sorted samples, and a few places up and down: there is more
// than one way to count quarters.
static void
check_quantile(struct test *t, int i, const char *what, const double *sorted,
               double q, double got)
{
    int n = t->order.measure.plan.samples;
    int low = (int)floor(q * (n - 1)) - 2, high = (int)ceil(q * (n - 1)) + 2;
    double least = sorted[low < 0 ? 0 : low] * 0.98;
    double most = sorted[high > n - 1 ? n - 1 : high] * 1.02;
    char want[128];
    snprintf(want, sizeof(want), "question %d: the %s lies between %.0f and "
             "%.0f ns", i, what, least, most);
    judge_true(t->j, got >= least && got <= most, want, "%.0f ns", got);
}

static void
check_answer(struct test *t, struct world *w, int i)
{
    static double sorted[WORLD_FORKS];
    const struct price_answer *a = &t->word.answers[i];
    judge_true(t->j, a->error == 0, "an answer to each question",
               "question %d: the error %d (%s)", i, a->error,
               strerror(a->error < 0 ? -a->error : a->error));
    world_truth(w, i, sorted);
    check_quantile(t, i, "median", sorted, 0.5, a->median);
    check_quantile(t, i, "lower quarter", sorted, 0.25, a->low);
    check_quantile(t, i, "upper quarter", sorted, 0.75, a->high);
    judge_int(t->j, "answers[i].samples", t->order.measure.plan.samples,
              a->samples);
    world_touched(w, i);
}

static void
check_all(struct test *t, struct world *w)
{
    judge_int(t->j, "what price_measure() returns", 0, t->word.returned);
    for (int i = 0; i < t->order.measure.n; i++)
        check_answer(t, w, i);
    judge_true(t->j, w->pins, "pinned to plan->core before the first map()",
               "it was not");
}

// The whole of a test of price_measure(): so many questions on that machine.
static struct world *
measure_on(struct test *t, const struct world_nature *is)
{
    struct world *w = world_make(t->j, &t->order.measure, is);
    for (int i = 0; i < t->order.measure.n; i++)
        say_question(t, i);
    judge_input(t->j, "core %d, %d forks to warm up, %d samples",
                t->order.measure.plan.core, t->order.measure.plan.warm,
                t->order.measure.plan.samples);
    run_world(t, w);
    return w;
}

// Only the median, and only of a first-touched, quiet machine.
static void
touched(struct judge *j)
{
    struct test t;
    start(&t, j);
    ask(&t, 1, 0, 9);
    struct world *w = measure_on(&t, &(struct world_nature){0});
    static double sorted[WORLD_FORKS];
    world_truth(w, 0, sorted);
    check_quantile(&t, 0, "median", sorted, 0.5, t.word.answers[0].median);
    world_touched(w, 0);
}

static void
until(struct judge *j)
{
    struct test t;
    start(&t, j);
    struct measure_order *m = ask(&t, 3, 0, 9);
    int first = (int)judge_range(j, 0, 2);
    for (int i = 0; i < 3; i++)
        m->questions[i].until = (enum price_until)((i + first) % 3);
    struct world *w = measure_on(&t, &(struct world_nature){0});
    check_all(&t, w);
}

static void
huge_default(struct judge *j)
{
    struct test t;
    start(&t, j);
    struct measure_order *m = ask(&t, 3, 0, 9);
    m->questions[1].kind = PRICE_HUGE;
    // Fewer than the next question's, and more than the one before; and some
    // that fill no huge page, less than a tenth.
    m->questions[1].pages = 512 * (size_t)judge_range(j, 10, 16) +
                            (size_t)judge_range(j, 1, 511);
    judge_input(j, "pages are huge by default");
    struct world *w = measure_on(&t, &(struct world_nature){
                                         .huge_default = true});
    check_all(&t, w);
}

static void
huge_missing(struct judge *j)
{
    struct test t;
    start(&t, j);
    struct measure_order *m = ask(&t, 3, 0, 9);
    int which = (int)judge_range(j, 0, 2);
    m->questions[which].kind = PRICE_HUGE;
    m->questions[which].pages = 512 * (size_t)judge_range(j, 40, 60);
    int percent = (int)judge_range(j, 60, 85);
    judge_input(j, "there are not enough huge pages: %d %% of those that are "
                "asked for come", percent);
    struct world *w = measure_on(&t, &(struct world_nature){
                                         .huge_percent = percent});
    judge_int(j, "what price_measure() returns", 0, t.word.returned);
    judge_int(j, "answers[i].error of the question for huge pages", -ENOTSUP,
              t.word.answers[which].error);
    for (int i = 0; i < 3; i++)
        if (i != which)
            check_answer(&t, w, i);
    world_left(w);
}

static void
warm_up(struct judge *j)
{
    struct test t;
    start(&t, j);
    ask(&t, 3, (int)judge_range(j, 6, 9), 9);
    judge_input(j, "the first forks of each place find cold caches");
    struct world *w = measure_on(&t, &(struct world_nature){.warm_times = 3});
    check_all(&t, w);
}

static void
outliers(struct judge *j)
{
    struct test t;
    start(&t, j);
    ask(&t, 2, 0, 60);
    judge_input(j, "one sample in ten is too short, seven in twenty are too "
                "long, one of them by a hundred times");
    struct world *w = measure_on(&t, &(struct world_nature){.outliers = true});
    check_all(&t, w);
}

static void
clock_time(struct judge *j)
{
    struct test t;
    start(&t, j);
    struct measure_order *m = ask(&t, 2, 0, 9);
    m->questions[0].pages = (size_t)judge_range(j, 0, 9);
    m->questions[0].until = PRICE_CREATED;
    double clock = (double)judge_range(j, 6000, 9000);
    judge_input(j, "to read the clock takes %.0f ns", clock);
    struct world *w = measure_on(&t, &(struct world_nature){
                                         .clock_ns = clock});
    check_all(&t, w);
}

static void
pinned(struct judge *j)
{
    struct test t;
    start(&t, j);
    ask(&t, 3, 0, 15);
    judge_input(j, "eight cores, whose clocks differ");
    struct world *w = measure_on(&t, &(struct world_nature){.cores = true});
    check_all(&t, w);
}

static void
turns(struct judge *j)
{
    struct test t;
    start(&t, j);
    struct measure_order *m = ask(&t, 4, 0, 25);
    for (int i = 1; i < 4; i++)
        m->questions[i] = m->questions[0];
    judge_input(j, "the machine gets slower all the time");
    struct world *w = measure_on(&t, &(struct world_nature){.drift = 2});
    judge_int(j, "what price_measure() returns", 0, t.word.returned);
    double least = 1e300, most = 0;
    for (int i = 0; i < 4; i++) {
        least = fmin(least, t.word.answers[i].median);
        most = fmax(most, t.word.answers[i].median);
    }
    judge_true(j, most <= least * 1.08, "four equal questions have answers "
               "that differ by less than 8 %", "%.0f and %.0f ns", least, most);
    check_all(&t, w);
}

static void
hiccups(struct judge *j)
{
    struct test t;
    start(&t, j);
    struct measure_order *m = ask(&t, 3, 0, 21);
    m->questions[1].until = PRICE_ENDED;
    m->questions[2].until = PRICE_CREATED;
    judge_input(j, "each second wait says -EINTR, each third fork -EAGAIN, "
                "and the fifth of each place forty times");
    struct world *w = measure_on(&t, &(struct world_nature){.eintr = 2,
                                                            .eagain = 3});
    check_all(&t, w);
    world_left(w);
}

static void
leaves_nothing(struct judge *j)
{
    struct test t;
    start(&t, j);
    struct measure_order *m = ask(&t, 7, 1, 9);
    m->questions[1].until = PRICE_CREATED;
    m->questions[2].until = PRICE_ENDED;
    m->questions[3].pages = (size_t)1 << 40;  // more than anybody has
    judge_input(j, "advise() says -EINVAL for the place of question 4, touch() "
                "-ENOMEM for that of 5, fork() always -EAGAIN for that of 6");
    struct world *w = measure_on(&t, &(struct world_nature){
                                         .no_advise = 4, .no_touch = 5,
                                         .no_fork = 6});
    judge_int(j, "what price_measure() returns", 0, t.word.returned);
    judge_int(j, "answers[3].error, of memory that is not to be had", -ENOMEM,
              t.word.answers[3].error);
    judge_int(j, "answers[4].error, where advise() says -EINVAL", -EINVAL,
              t.word.answers[4].error);
    judge_int(j, "answers[5].error, where touch() says -ENOMEM", -ENOMEM,
              t.word.answers[5].error);
    judge_int(j, "answers[6].error, where fork() always says -EAGAIN", -EAGAIN,
              t.word.answers[6].error);
    for (int i = 0; i < 3; i++)
        check_answer(&t, w, i);
    world_left(w);

    // And where the core cannot be had at all.
    w = world_make(j, m, &(struct world_nature){0});
    struct measure_order other = *m;
    other.plan.core = m->plan.core + 1;
    w->order = &other;
    run_world(&t, w);
    judge_int(j, "what price_measure() returns where pin() says -EINVAL",
              -EINVAL, t.word.returned);
    judge_int(j, "how many places it maps then", 0, w->nplaces);
    world_left(w);
}

// ------------------------------------------------ 1b. the machine that we have

static int64_t
real_call(const struct price_ops *ops, const struct word *a)
{
    void *m = ops->machine;
    switch (a->op) {
    case OP_NOW: return ops->now(m);
    case OP_PIN: return ops->pin(m, (int)a->a);
    case OP_MAP:
        return a->a < 0 || a->a > 1 << 16 ? -ENOMEM
                                          : ops->map(m, (size_t)a->a);
    case OP_ADVISE: return ops->advise(m, (int)a->a, (enum price_pages)a->b);
    case OP_TOUCH:
        return a->b < 0 || a->c < 0
                   ? -EFAULT
                   : ops->touch(m, (int)a->a, (size_t)a->b, (size_t)a->c);
    case OP_HUGE: return ops->huge(m, (int)a->a);
    case OP_FORK: return ops->fork(m, (int)a->a);
    case OP_ENDED: return ops->ended(m, (int)a->a);
    case OP_REAP: return ops->reap(m, (int)a->a);
    case OP_UNMAP: return ops->unmap(m, (int)a->a);
    default: return -ENOSYS;
    }
}

// What the judge itself saw of a place: what passed between the reads of the
// clock that stood around each fork and its reap.
struct seen {
    int64_t pages;
    double taken[WORLD_FORKS];
    int n, place;
};

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void
real(struct judge *j)
{
    struct test t;
    static struct seen seen[QUESTIONS];
    const struct price_ops *ops = places_ops();
    int nseen = 0, forking = -1;
    int64_t last = 0, begun = 0;
    bool over = false;
    start(&t, j);
    struct measure_order *m = ask(&t, 2, 2, 21);
    int big = (int)judge_range(j, 0, 1);
    m->plan.core = places_core();
    m->questions[big].pages = (size_t)judge_range(j, 12000, 16000);
    m->questions[!big].pages = (size_t)judge_range(j, 0, 100);
    judge_input(j, "the machine that this is");
    for (int i = 0; i < 2; i++)
        say_question(&t, i);
    give(&t);
    while (!over) {
        take(&t, "price_measure() returns");
        const struct word *a = &t.word;
        if ((over = a->op == OP_ANSWER))
            break;
        int64_t r = real_call(ops, a);
        if (a->op == OP_MAP && r >= 0 && nseen < QUESTIONS)
            seen[nseen++] = (struct seen){.pages = a->a, .place = (int)r};
        if (a->op == OP_FORK && r > 0) {
            begun = last;
            forking = (int)a->a;
        }
        if (a->op == OP_NOW)
            last = r;
        if (a->op == OP_NOW && begun) {
            for (int i = 0; i < nseen; i++)
                if (seen[i].place == forking && seen[i].n < WORLD_FORKS)
                    seen[i].taken[seen[i].n++] = (double)(r - begun);
            begun = 0;
        }
        reply(&t, r);
    }
    places_end();
    judge_int(j, "what price_measure() returns", 0, t.word.returned);
    for (int i = 0; i < 2; i++) {
        struct seen *s = NULL;
        for (int k = 0; k < nseen; k++)
            if (seen[k].pages == (int64_t)m->questions[i].pages)
                s = &seen[k];
        int want = m->plan.warm + m->plan.samples;
        judge_true(j, s && s->n == want, "the place of each question forks "
                   "plan->warm + plan->samples times",
                   "question %d: %d times, not %d", i, s ? s->n : 0, want);
        qsort(s->taken + m->plan.warm, (size_t)m->plan.samples,
              sizeof(double), by_value);
        check_quantile(&t, i, "median, as the judge saw it",
                       s->taken + m->plan.warm, 0.5,
                       t.word.answers[i].median);
    }
    double ratio = t.word.answers[big].median / t.word.answers[!big].median;
    judge_note(j, "a fork with %zu pages took %.1f times what one with %zu did",
               m->questions[big].pages, ratio, m->questions[!big].pages);
    judge_true(j, ratio >= 2.5, "a fork with some 50 MB in 4 KiB pages takes "
               "2.5 times what one with next to nothing takes, at least",
               "%.2f times", ratio);
}

// ---------------------------------------------------------------------- 2. fit

struct truth {
    double each[PRICE_TERMS];
    int outliers;
    bool out[ROWS];
};

static double
noise(struct judge *j, double percent)
{
    return 1 + (double)judge_range(j, -1000, 1000) / 1e5 * percent;
}

static void
features(const struct price_row *r, double x[PRICE_TERMS])
{
    x[PRICE_FIXED] = 1;
    x[PRICE_MAPPING] = r->mappings;
    x[PRICE_TABLE] = r->tables;
    x[PRICE_PAGE] = r->pages;
    x[PRICE_DIRTY] = r->dirty;
}

static double
says(const double each[PRICE_TERMS], const struct price_row *r)
{
    double x[PRICE_TERMS], y = 0;
    features(r, x);
    for (int i = 0; i < PRICE_TERMS; i++)
        y += each[i] * x[i];
    return y;
}

// A row of the k-th of so many sizes over four powers of ten, in so many
// kinds; without noise.
static struct price_row
make_row(struct judge *j, const double each[PRICE_TERMS], int kind, int k,
         int sizes)
{
    struct price_row r = {.mappings = (double)judge_range(j, 1, 9)};
    double size = pow(10, 5.5 * (k + (double)judge_range(j, 0, 999) / 1000) /
                              sizes);
    if (kind == 1)
        r.mappings = floor(pow(size, 0.7)) + 1;
    if (kind == 2)
        r.tables = floor(pow(size, 0.6)) + 1;
    if (kind >= 3) {
        r.pages = floor(size);
        r.tables = floor(size / 512) + 1;
    }
    if (kind == 4)
        r.dirty = floor(r.pages * (double)judge_range(j, 1, 100) / 100);
    r.cost = says(each, &r);
    return r;
}

// Rows as a measurement would give them, n of them, a multiple of 50.  Of each
// kind there is one row in each n-th of the range of sizes, and with outliers,
// a tenth, one in ten neighbours: were it left to chance, then all rows that
// tell of one term would be outliers now and then.
static void
make_rows(struct test *t, struct truth *truth, int n, double percent,
          bool outliers)
{
    struct fit_order *f = &t->order.fit;
    enum { KINDS = 5, TENTH = 10 };
    int out[KINDS] = {0};
    t->order.job = JOB_FIT;
    f->n = n;
    *truth = (struct truth){.outliers = outliers ? n / TENTH : 0};
    truth->each[PRICE_FIXED] = (double)judge_range(t->j, 30000, 90000);
    truth->each[PRICE_MAPPING] = (double)judge_range(t->j, 300, 1500);
    truth->each[PRICE_TABLE] = (double)judge_range(t->j, 800, 2500);
    truth->each[PRICE_PAGE] = (double)judge_range(t->j, 30, 140);
    truth->each[PRICE_DIRTY] = (double)judge_range(t->j, 900, 3000);
    for (int i = 0; i < n; i++) {
        int kind = i % KINDS, k = i / KINDS;
        struct price_row r = make_row(t->j, truth->each, kind, k, n / KINDS);
        if (percent > 0)
            r.cost *= noise(t->j, percent);
        if (k % TENTH == 0)
            out[kind] = k + (int)judge_range(t->j, 0, TENTH - 1);
        bool is_out = outliers && k == out[kind];
        if (is_out)
            r.cost *= judge_range(t->j, 0, 2)
                          ? (double)judge_range(t->j, 3, 40)
                          : 1 / (double)judge_range(t->j, 3, 10);
        // In any order.
        int at = (int)judge_range(t->j, 0, i);
        f->rows[i] = f->rows[at];
        truth->out[i] = truth->out[at];
        f->rows[at] = r;
        truth->out[at] = is_out;
    }
}

// Least squares over the rows that are kept, by their relative errors or by
// their absolute ones: the right way and the wrong one, for the judge to know
// what a draw gives away.  The columns are scaled, and rows enough.
static void
squares(const struct fit_order *f, const bool keep[ROWS], bool relative,
        double each[PRICE_TERMS])
{
    enum { K = PRICE_TERMS };
    double a[K][K + 1] = {{0}}, scale[K] = {0}, x[K];
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < f->n; i++) {
            const struct price_row *r = &f->rows[i];
            double w = keep[i] ? relative ? 1 / r->cost : 1 : 0;
            features(r, x);
            for (int k = 0; k < K; k++)
                if (pass == 0) {
                    scale[k] += pow(w * x[k], 2);
                } else {
                    double xk = w * w * x[k] / sqrt(scale[k]);
                    a[k][K] += xk * r->cost;
                    for (int l = 0; l < K; l++)
                        a[k][l] += xk * x[l] / sqrt(scale[l]);
                }
        }
    for (int c = 0; c < K; c++)          // positive definite: no pivots needed
        for (int k = 0; k < K; k++) {
            double by = a[k][c] / a[c][c];
            for (int l = c; l <= K && k != c; l++)
                a[k][l] -= by * a[c][l];
        }
    for (int k = 0; k < K; k++)
        each[k] = a[k][K] / a[k][k] / sqrt(scale[k]);
}

// The relative error of the term that is furthest off.
static double
furthest(const struct truth *truth, const double each[PRICE_TERMS])
{
    double most = 0;
    for (int i = 0; i < PRICE_TERMS; i++)
        most = fmax(most, fabs(each[i] / truth->each[i] - 1));
    return most;
}

// Whether a fit by absolute errors is far off, also if it drops what it takes
// for outliers then, and fits again, and again.
static bool
absolute_is_off(const struct fit_order *f, const struct truth *truth,
                double by)
{
    double each[PRICE_TERMS];
    bool keep[ROWS];
    memset(keep, true, sizeof(keep));
    for (int round = 0; round < 12; round++) {
        squares(f, keep, false, each);
        if (!(furthest(truth, each) >= by))
            return false;
        int kept = 0;
        for (int i = 0; i < f->n; i++) {
            double y = says(each, &f->rows[i]);
            keep[i] = y > 0 && fabs(f->rows[i].cost - y) <= 0.25 * y;
            kept += keep[i];
        }
        if (kept <= f->n / 2)
            break;
    }
    return true;
}

// Rows that tell the right way from the wrong ones, whatever the seed: drawn
// again until the right answer is at most half the tolerance off the truth, and
// the wrong ones (absolute errors; squares of outliers, too) three times it.
static void
make_telling_rows(struct test *t, struct truth *truth, int n, double percent,
                  bool outliers, double tolerance)
{
    const struct fit_order *f = &t->order.fit;
    double right[PRICE_TERMS], wrong[PRICE_TERMS];
    bool good[ROWS], all[ROWS];
    bool telling;
    memset(all, true, sizeof(all));
    do {
        make_rows(t, truth, n, percent, outliers);
        for (int i = 0; i < n; i++)
            good[i] = !truth->out[i];
        squares(f, good, true, right);
        squares(f, all, true, wrong);
        telling = furthest(truth, right) <= 0.5 * tolerance &&
                  (outliers ? furthest(truth, wrong) >= 3 * tolerance
                            : absolute_is_off(f, truth, 3 * tolerance));
    } while (!telling);
}

static void
run_fit(struct test *t)
{
    give(t);
    take(t, "price_fit() returns");
    if (t->word.op != OP_ANSWER)
        judge_fail(t->j, JUDGE_CHEAT, "price_fit() only computes",
                   "it asked the machine for something");
}

static void
check_fit(struct test *t, const struct truth *truth, double tolerance)
{
    static const char *const names[] = {"PRICE_FIXED", "PRICE_MAPPING",
                                        "PRICE_TABLE", "PRICE_PAGE",
                                        "PRICE_DIRTY"};
    const struct price_model *m = &t->word.model;
    if (t->word.returned == -EDOM)
        judge_note(t->j, "-EDOM says that the rows cannot tell the terms "
                   "apart; these can");
    judge_int(t->j, "what price_fit() returns", 0, t->word.returned);
    for (int i = 0; i < PRICE_TERMS; i++) {
        double want = truth->each[i];
        char text[96];
        snprintf(text, sizeof(text), "each[%s] is %.4g, within %g %%",
                 names[i], want, 100 * tolerance);
        judge_true(t->j, fabs(m->each[i] - want) <= tolerance * want, text,
                   "%.6g", m->each[i]);
    }
    judge_int(t->j, "the number of outliers", truth->outliers, m->outliers);
    // The plain R2 of the answer's own model, over the rows that are none.
    double mean = 0, left = 0, all = 0;
    int n = 0;
    for (int i = 0; i < t->order.fit.n; i++)
        if (!truth->out[i]) {
            mean += t->order.fit.rows[i].cost;
            n++;
        }
    mean /= n;
    for (int i = 0; i < t->order.fit.n; i++) {
        const struct price_row *r = &t->order.fit.rows[i];
        if (!truth->out[i]) {
            left += pow(r->cost - says(m->each, r), 2);
            all += pow(r->cost - mean, 2);
        }
    }
    double r2 = 1 - left / all;
    char text[96];
    snprintf(text, sizeof(text), "r2 of that model over the rows that are no "
             "outliers is %.6f", r2);
    judge_true(t->j, fabs(m->r2 - r2) < 1e-5, text, "%.6f", m->r2);
}

static void
fit_exact(struct judge *j)
{
    struct test t;
    struct truth truth = {{0}, 0, {0}};
    start(&t, j);
    make_rows(&t, &truth, 50, 0, false);
    judge_input(j, "%d rows without noise", t.order.fit.n);
    run_fit(&t);
    check_fit(&t, &truth, 1e-4);
}

static void
fit_noise(struct judge *j)
{
    struct test t;
    struct truth truth = {{0}, 0, {0}};
    start(&t, j);
    make_telling_rows(&t, &truth, 300, 3, false, 0.04);
    judge_input(j, "300 rows, each off by up to 3 %%");
    run_fit(&t);
    check_fit(&t, &truth, 0.04);
}

static void
fit_outliers(struct judge *j)
{
    struct test t;
    struct truth truth = {{0}, 0, {0}};
    start(&t, j);
    make_telling_rows(&t, &truth, 300, 3, true, 0.05);
    judge_input(j, "300 rows, each off by up to 3 %%, and %d outliers",
                truth.outliers);
    run_fit(&t);
    check_fit(&t, &truth, 0.05);
}

static void
fit_refuses(struct judge *j)
{
    struct test t;
    struct truth truth = {{0}, 0, {0}};
    start(&t, j);
    make_rows(&t, &truth, 50, 0, false);
    t.order.fit.n = 5;
    run_fit(&t);
    judge_int(j, "what price_fit() returns for five rows", -EINVAL,
              t.word.returned);

    // One more than terms will do: rows that differ in one thing each.
    t.order.fit.n = 6;
    for (int i = 0; i < 6; i++) {
        struct price_row r = {.mappings = 1};
        r.mappings += i == 1 ? (double)judge_range(j, 100, 200) : 0;
        r.tables = i == 2 ? (double)judge_range(j, 100, 200) : 0;
        r.pages = i == 3 || i == 4 ? (double)judge_range(j, 2000, 4000) : 0;
        r.dirty = i == 4 ? r.pages / 2 : 0;
        r.mappings += i == 5 ? (double)judge_range(j, 10, 20) : 0;
        r.cost = says(truth.each, &r);
        t.order.fit.rows[i] = r;
    }
    judge_input(j, "six rows, which fit exactly");
    run_fit(&t);
    judge_int(j, "what price_fit() returns for six rows that tell the terms "
              "apart", 0, t.word.returned);
    make_rows(&t, &truth, 50, 0, false);
    int first = (int)judge_range(j, 0, 1);
    double part = (double)judge_range(j, 20, 80) / 100;
    for (int turn = 0; turn < 2; turn++) {
        bool many = turn == first;
        for (int i = 0; i < 50; i++) {
            struct price_row *r = &t.order.fit.rows[i];
            r->cost = 50000 + 100 * r->pages + 700 * r->mappings;
            r->dirty = many ? part * r->pages : 0;
        }
        judge_input(j, many ? "in each row the same part of the pages is "
                              "written to" : "no row has a page that is "
                              "written to");
        run_fit(&t);
        judge_int(j, "what price_fit() returns where the rows cannot tell two "
                  "terms apart", -EDOM, t.word.returned);
    }
}

// -------------------------------------------------------------------- 3. spawn

static struct trace trace;

// The order for a program that exits with `status`.
static struct spawn_order *
program(struct test *t, int status)
{
    struct spawn_order *s = &t->order.spawn;
    char word[TEXT];
    t->order.job = JOB_SPAWN;
    *s = (struct spawn_order){.envc = -1, .safe = true};
    snprintf(s->path, TEXT, "%s", judge_inside(t->cell, "/parts/puppet"));
    s->argc = 3;
    snprintf(s->argv[0], TEXT, "puppet");
    judge_token(t->j, word, 12);
    snprintf(s->argv[1], TEXT, "%s", word);
    snprintf(s->argv[2], TEXT, "%d", status);
    s->value = (int)judge_range(t->j, 1000, 9000);
    s->later = s->value + (int)judge_range(t->j, 1, 60);
    judge_input(t->j, status < 0 ? "a program, which signal %d ends"
                                 : "a program, which ends with %d",
                abs(status));
    return s;
}

static struct spawn_order *
function(struct test *t, bool shared)
{
    struct spawn_order *s = &t->order.spawn;
    t->order.job = JOB_SPAWN;
    *s = (struct spawn_order){.shared = shared, .safe = true};
    s->value = (int)judge_range(t->j, 1000, 9000);
    s->later = s->value + (int)judge_range(t->j, 1, 60);
    judge_input(t->j, "a function, %s", shared ? "in the memory itself"
                                               : "in a copy of the memory");
    return s;
}

// How many descriptors it has; the first of them in open[].
static int
list_fds(pid_t pid, int open[FDS_MOST])
{
    char path[64];
    int n = 0;
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));)
        if (e->d_name[0] != '.') {
            if (n < FDS_MOST)
                open[n] = atoi(e->d_name);
            n++;
        }
    if (d)
        closedir(d);
    return n;
}

static int
count_child(pid_t pid, void *n)
{
    (void)pid;
    ++*(int *)n;
    return 0;
}

static int
children_of(pid_t pid)
{
    int n = 0;
    proc_walk(pid, count_child, &n);
    return n;
}

// prepare() and run() were called with what they are to be called with, and
// nobody but the caller is to end as the caller does.
static void
check_calls(struct test *t)
{
    judge_int(t->j, "how often prepare() or run() was called with another "
              "argument than need->arg", 0, t->word.spawn.strange);
    judge_int(t->j, "how many processes ran the caller's atexit() functions", 0,
              t->word.spawn.exits);
}

// Whoever waits for the end of a program in price_spawn() takes its zombie
// away.
static void
check_not_waited_for(struct test *t)
{
    char path[64];
    if (!trace.works || trace.nmade != 1 || t->word.returned != 0 ||
        !t->order.spawn.argc)
        return;
    snprintf(path, sizeof(path), "/proc/%d", (int)trace.made[0].pid);
    judge_true(t->j, access(path, F_OK) == 0, "price_spawn() does not wait for "
               "the program to end: that is price_wait()'s",
               "when price_spawn() returned, the program had been waited for");
}

static void
read_cwd(pid_t pid, char cwd[TRACE_TEXT])
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/cwd", (int)pid);
    ssize_t n = readlink(path, cwd, TRACE_TEXT - 1);
    cwd[n < 0 ? 0 : n] = '\0';
}

static void
check_cwd(struct test *t)
{
    char cwd[TRACE_TEXT];
    read_cwd(judge_pid(t->cell), cwd);
    judge_str(t->j, "the caller's own directory afterwards", t->cwd, cwd);
}

// Up to the return of price_spawn(), traced.
static void
call_spawn(struct test *t)
{
    give(t);
    take(t, "the subject is ready");
    void *spans[SPANS];
    memcpy(spans, t->word.spawn.spans, sizeof(spans));
    trace_start(t->j, judge_pid(t->cell));
    t->fds = list_fds(judge_pid(t->cell), t->open);
    read_cwd(judge_pid(t->cell), t->cwd);
    reply(t, 0);
    take(t, "price_spawn() returns, before the child has ended");
    trace_look(&trace);
    judge_true(t->j, t->word.op == SPAWN_CALLED, "price_spawn() returns once",
               "it returned in two processes");
    memcpy(t->word.spawn.spans, spans, sizeof(spans));
    check_cwd(t);
    check_calls(t);
    check_not_waited_for(t);
}

// And on, until price_wait() has returned.
static void
call_wait(struct test *t)
{
    reply(t, 0);
    take(t, "price_wait() returns");
    trace_look(&trace);
    judge_int(t->j, "what price_wait() returns", 0, t->word.returned);
    check_calls(t);
}

// What is left when all is over.
static void
finish_spawn(struct test *t)
{
    pid_t pid = judge_pid(t->cell);
    int unused[FDS_MOST];
    judge_int(t->j, "the number of the caller's descriptors afterwards", t->fds,
              list_fds(pid, unused));
    judge_int(t->j, "the number of the caller's children afterwards", 0,
              children_of(pid));
}

static void
want_made(struct test *t, uint64_t all, uint64_t none, const char *want)
{
    if (!trace.works)
        return;
    judge_true(t->j, trace.nmade > 0, want, "nothing was made");
    judge_true(t->j, trace.nmade == 1, want, "%u processes or threads were "
               "made, one after the other", trace.nmade);
    uint64_t flags = trace.made[0].flags;
    const char *got = flags & 0x10000 ? "a thread"
                      : !(flags & 0x100) ? "a process with a copy of the "
                                           "address space, as by fork()"
                      : flags & 0x4000 ? "a process that borrows the address "
                                         "space, as by vfork()"
                                       : "a process that shares the address "
                                         "space";
    judge_true(t->j, (flags & all) == all && !(flags & none), want, "%s", got);
}

enum { VM = 0x100, VFORK = 0x4000, THREAD = 0x10000 };

static bool
has_word(const char *list, size_t size, const char *word)
{
    for (const char *p = list; p < list + size && *p; p += strlen(p) + 1)
        if (strcmp(p, word) == 0)
            return true;
    return false;
}

static int
count_words(const char *list, size_t size)
{
    int n = 0;
    for (const char *p = list; p < list + size && *p; p += strlen(p) + 1)
        n++;
    return n;
}

// The program that was started, as it was at its first instruction.
static const struct trace_exec *
want_exec(struct test *t)
{
    const struct spawn_order *s = &t->order.spawn;
    judge_int(t->j, "how many programs were started", 1, trace.nexecs);
    const struct trace_exec *e = &trace.execs[0];
    judge_str(t->j, "the program that was started", s->path, e->exe);
    judge_int(t->j, "how many arguments it has", s->argc,
              count_words(e->argv, sizeof(e->argv)));
    for (int i = 0; i < s->argc; i++)
        judge_true(t->j, has_word(e->argv, sizeof(e->argv), s->argv[i]),
                   "the arguments need->argv", "\"%s\" is not among them",
                   s->argv[i]);
    if (s->envc >= 0)
        judge_int(t->j, "how many variables its environment has", s->envc,
                  count_words(e->env, sizeof(e->env)));
    for (int i = 0; i < s->envc; i++)
        judge_true(t->j, has_word(e->env, sizeof(e->env), s->env[i]),
                   "the environment need->envp", "%s is not in it", s->env[i]);
    if (s->envc < 0)
        judge_true(t->j, strstr(e->env, "HOME=") != NULL ||
                   has_word(e->env, sizeof(e->env), "LC_ALL=C.UTF-8"),
                   "the caller's environment, as need->envp is NULL",
                   "another one");
    if (*s->cwd)
        judge_str(t->j, "its directory", s->cwd, e->cwd);
    return e;
}

// Whether a program may have this descriptor: the caller had it, or need->fds.
static bool
may_be_open(const struct test *t, int fd)
{
    const struct spawn_order *s = &t->order.spawn;
    bool may = false;
    for (int i = 0; i < t->fds && i < FDS_MOST; i++)
        may |= t->open[i] == fd;
    for (int i = 0; i < s->nfds; i++)
        may |= s->fds[i].child == fd;
    return may;
}

static void
want_fds(struct test *t, const struct trace_exec *e)
{
    const struct spawn_order *s = &t->order.spawn;
    for (int k = 0; k < e->nfds; k++)
        judge_true(t->j, may_be_open(t, e->fds[k].fd), "what price_spawn() "
                   "opens for itself is not open in the program",
                   "its descriptor %d is", e->fds[k].fd);
    for (int i = 0; i < s->nfds; i++) {
        char path[64];
        struct stat st;
        snprintf(path, sizeof(path), "/proc/%d/fd/%d",
                 (int)judge_pid(t->cell), s->fds[i].parent);
        if (stat(path, &st) < 0)
            continue;
        bool found = false;
        for (int k = 0; k < e->nfds; k++)
            found |= e->fds[k].fd == s->fds[i].child &&
                     e->fds[k].inode == st.st_ino &&
                     e->fds[k].device == st.st_dev;
        judge_true(t->j, found, "the child's descriptors are need->fds",
                   "its %d is not the caller's %d", s->fds[i].child,
                   s->fds[i].parent);
    }
}

static void
starts(struct judge *j)
{
    struct test t;
    start(&t, j);
    int status = (int)judge_range(j, 1, 120);
    struct spawn_order *s = program(&t, status);
    s->envc = 2;
    snprintf(s->env[0], TEXT, "A=%lld", (long long)judge_range(j, 1, 999999));
    snprintf(s->env[1], TEXT, "B=%lld", (long long)judge_range(j, 1, 999999));
    snprintf(s->cwd, TEXT, "%s", "/usr");
    s->nfds = 2;
    s->fds[0] = (struct price_fd){(int)judge_range(j, 20, 30), 2};
    s->fds[1] = (struct price_fd){(int)judge_range(j, 31, 40), TALK_FD};
    judge_input(j, "with an environment, in /usr, its descriptor %d is the "
                "caller's 2, its %d is 3", s->fds[0].child, s->fds[1].child);
    call_spawn(&t);
    judge_int(j, "what price_spawn() returns", 0, t.word.returned);
    call_wait(&t);
    judge_int(j, "the status that price_wait() gives", status,
              t.word.spawn.status);
    if (trace.works)
        want_fds(&t, want_exec(&t));
    finish_spawn(&t);

    // The caller's environment and directory; an end by a signal.
    s = program(&t, -(int)SIGUSR1);
    call_spawn(&t);
    judge_int(j, "what price_spawn() returns", 0, t.word.returned);
    call_wait(&t);
    judge_int(j, "the status of a program that SIGUSR1 ended", 128 + SIGUSR1,
              t.word.spawn.status);
    if (trace.works)
        want_exec(&t);
    finish_spawn(&t);
}

static void
borrows(struct judge *j)
{
    struct test t;
    start(&t, j);
    struct spawn_order *s = program(&t, (int)judge_range(j, 1, 120));
    s->threads = true;
    s->safe = false;
    judge_input(j, "other threads run, and nothing is said to be safe");
    snprintf(s->cwd, TEXT, "%s", "/usr");
    call_spawn(&t);
    judge_int(j, "what price_spawn() returns", 0, t.word.returned);
    want_made(&t, VM, THREAD, "a program without prepare() copies no address "
              "space: one process, which borrows it");
    call_wait(&t);
    if (trace.works)
        want_exec(&t);
}

static void
not_started(struct judge *j)
{
    struct test t;
    start(&t, j);
    static const char *const what[] = {
        "what price_spawn() returns for a path that is not there (-ENOENT)",
        "what price_spawn() returns for a path that is a directory (-EACCES)",
        "what price_spawn() returns for a directory need->cwd that is not "
        "there (-ENOENT)",
        "what price_spawn() returns for a path that is not there, after a "
        "prepare() (-ENOENT)",
        "what price_spawn() returns for a directory need->cwd that is not "
        "there, with a prepare() (-ENOENT)",
        "what price_spawn() returns where need->fds names a descriptor that "
        "the caller does not have (-EBADF)",
        "what price_spawn() returns where need->fds names a descriptor that "
        "the caller does not have, with a prepare() (-EBADF)",
    };
    for (int i = 0; i < 7; i++) {
        struct spawn_order *s = program(&t, 0);
        int want = ENOENT;
        s->pidfd = i & 1;
        s->prepare = i == 3 || i == 4 || i == 6 ? PREPARE_WRITES
                                                : PREPARE_NOTHING;
        if (i == 0) {
            snprintf(s->path, TEXT, "/usr/%.40s", s->argv[1]);
        } else if (i == 1) {
            snprintf(s->path, TEXT, "/usr/lib");
            want = EACCES;
        } else if (i == 2 || i == 4) {
            snprintf(s->cwd, TEXT, "/usr/%.40s", s->argv[1]);
        } else if (i > 4) {
            s->nfds = 1;
            s->fds[0] = (struct price_fd){(int)judge_range(j, 20, 30), 59};
            want = EBADF;
        } else {
            snprintf(s->path, TEXT, "/usr/%.40s", s->argv[1]);
            // Just where a pipe of one's own would lie.
            for (s->nfds = 0; s->nfds < FDS; s->nfds++)
                s->fds[s->nfds] = (struct price_fd){6 + s->nfds, 2};
        }
        judge_input(j, "path %s, directory %s%s%s%s", s->path,
                    *s->cwd ? s->cwd : "the caller's",
                    s->prepare ? ", with a prepare()" : "",
                    s->pidfd ? ", and a pidfd" : "",
                    i == 3  ? ", and its descriptors 6 to 9 are the caller's 2"
                    : i > 4 ? ", and one of its descriptors is the caller's "
                              "59, which is not open" : "");
        call_spawn(&t);
        judge_int(j, what[i], -want, t.word.returned);
        reply(&t, 0);
        finish_spawn(&t);
    }
}

static void
prepares(struct judge *j)
{
    struct test t;
    start(&t, j);
    int status = (int)judge_range(j, 1, 120);
    struct spawn_order *s = program(&t, status);
    s->prepare = PREPARE_WRITES;
    s->safe = false;
    s->nfds = 1;
    s->fds[0] = (struct price_fd){(int)judge_range(j, 20, 40), 2};
    snprintf(s->cwd, TEXT, "%s", "/usr");
    s->envc = 1;
    snprintf(s->env[0], TEXT, "C=%lld", (long long)judge_range(j, 1, 999999));
    judge_input(j, "prepare() writes to memory, and is not safe; there are no "
                "other threads; the environment is %s", s->env[0]);
    call_spawn(&t);
    judge_int(j, "what price_spawn() returns", 0, t.word.returned);
    judge_int(j, "the caller's variable (to which prepare() wrote in the "
              "child)", s->value, t.word.spawn.value);
    want_made(&t, 0, VM | THREAD, "prepare() needs a copy of the address "
              "space");
    call_wait(&t);
    judge_int(j, "the status that price_wait() gives", status,
              t.word.spawn.status);
    if (trace.works)
        want_fds(&t, want_exec(&t));
    finish_spawn(&t);

    s = program(&t, status);
    s->prepare = PREPARE_FAILS;
    s->error = (int)judge_range(j, 60, 90);
    judge_input(j, "prepare() returns %d", s->error);
    call_spawn(&t);
    judge_int(j, "what price_spawn() returns where prepare() fails", -s->error,
              t.word.returned);
    reply(&t, 0);
    finish_spawn(&t);
}

static void
snapshot(struct judge *j)
{
    struct test t;
    start(&t, j);
    struct spawn_order *s = function(&t, false);
    s->safe = false;
    judge_input(j, "it is not safe, and there are no other threads");
    call_spawn(&t);
    judge_int(j, "what price_spawn() returns", 0, t.word.returned);
    want_made(&t, 0, VM | THREAD, "run() without `shared` has a copy of the "
              "address space");
    call_wait(&t);
    judge_int(j, "what run() saw of a variable that the caller changed after "
              "the call (the status, 7 bits)", s->value & 127,
              t.word.spawn.status);
    judge_int(j, "the caller's variable, to which run() wrote in the child",
              s->later, t.word.spawn.value);
    finish_spawn(&t);
}

static void
thread(struct judge *j)
{
    struct test t;
    start(&t, j);
    struct spawn_order *s = function(&t, true);
    call_spawn(&t);
    judge_int(j, "what price_spawn() returns", 0, t.word.returned);
    want_made(&t, VM | THREAD, 0, "run() with `shared` and without a pidfd is "
              "a thread");
    judge_int(j, "child->pid, of a thread", 0, t.word.spawn.pid);
    judge_int(j, "child->pidfd, of a thread", -1, t.word.spawn.pidfd);
    call_wait(&t);
    judge_int(j, "what run() saw of a variable that the caller changed after "
              "the call (the status, 7 bits)", s->later & 127,
              t.word.spawn.status);
    judge_int(j, "the caller's variable, to which run() added 1000",
              s->later + 1000, t.word.spawn.value);
    finish_spawn(&t);
}

static void
want_pidfd(struct test *t)
{
    char path[64], text[1024];
    pid_t pid = judge_pid(t->cell);
    judge_true(t->j, t->word.spawn.pidfd >= 0, "child->pidfd is a descriptor",
               "%d", t->word.spawn.pidfd);
    snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", (int)pid,
             t->word.spawn.pidfd);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
    if (fd >= 0)
        close(fd);
    text[n < 0 ? 0 : n] = '\0';
    char *of = strstr(text, "Pid:"), *flags = strstr(text, "flags:");
    judge_true(t->j, of != NULL, "child->pidfd is a pidfd",
               "descriptor %d is none", t->word.spawn.pidfd);
    judge_true(t->j, flags && strtol(flags + 6, NULL, 8) & O_CLOEXEC,
               "child->pidfd is close-on-exec", "it is not");
    if (trace.works && trace.nmade == 1)
        judge_int(t->j, "the process that child->pidfd refers to",
                  trace.made[0].pid, strtol(of + 4, NULL, 10));
}

static void
pidfd(struct judge *j)
{
    struct test t;
    start(&t, j);
    for (int i = 0; i < 3; i++) {
        struct spawn_order *s = i < 2 ? program(&t, i + 1)
                                      : function(&t, false);
        s->pidfd = i > 0;
        judge_input(j, s->pidfd ? "a pidfd is wanted" : "no pidfd is wanted");
        call_spawn(&t);
        judge_int(j, "what price_spawn() returns", 0, t.word.returned);
        judge_true(j, t.word.spawn.pid > 0, "child->pid is the child's number",
                   "%d", t.word.spawn.pid);
        if (i == 0)
            judge_int(j, "child->pidfd", -1, t.word.spawn.pidfd);
        else
            want_pidfd(&t);
        if (i == 1)
            want_made(&t, VM, THREAD, "a program without prepare() copies no "
                      "address space, also where a pidfd is wanted");
        call_wait(&t);
        finish_spawn(&t);
    }
}

// KiB of address space, by /proc/PID/statm.
static long
address_space(pid_t pid)
{
    char path[64];
    long pages = -1;
    snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
    FILE *f = fopen(path, "re");
    if (f && fscanf(f, "%ld", &pages) != 1)
        pages = -1;
    if (f)
        fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

// A stack each that is not given back shows, however small it is.
static void
gives_stacks_back(struct test *t)
{
    enum { BEFORE = 3, TIMES = 16 };
    long kb = 0;
    for (int i = 0; i < BEFORE + TIMES; i++) {
        if (i == BEFORE)
            kb = address_space(judge_pid(t->cell));
        call_spawn(t);
        judge_int(t->j, "what price_spawn() returns", 0, t->word.returned);
        call_wait(t);
    }
    long more = address_space(judge_pid(t->cell)) - kb;
    judge_true(t->j, more < 4 * TIMES, "price_wait() frees what price_spawn() "
               "took, the stack too", "%d times both, and the caller has %ld "
               "KiB more", TIMES, more);
}

static void
sharing_process(struct judge *j)
{
    struct test t;
    start(&t, j);
    struct spawn_order *s = function(&t, true);
    s->pidfd = true;
    judge_input(j, "a pidfd is wanted");
    call_spawn(&t);
    judge_int(j, "what price_spawn() returns", 0, t.word.returned);
    want_made(&t, VM, THREAD | VFORK, "run() with `shared` and a pidfd is a "
              "process that shares the address space, side by side with the "
              "caller");
    want_pidfd(&t);
    call_wait(&t);
    judge_int(j, "what run() saw of a variable that the caller changed after "
              "the call (the status, 7 bits)", s->later & 127,
              t.word.spawn.status);
    judge_int(j, "the caller's variable, to which run() added 1000",
              s->later + 1000, t.word.spawn.value);
    finish_spawn(&t);
    judge_input(j, "the same, again and again");
    gives_stacks_back(&t);
}

static void
threads(struct judge *j)
{
    struct test t;
    start(&t, j);
    // The first order makes the thread; all have the same circumstances.
    for (int i = 0; i < 4; i++) {
        struct spawn_order *s = i == 0 || i == 2 ? function(&t, false)
                                                 : program(&t, 1);
        if (i & 1)
            s->prepare = PREPARE_WRITES;
        s->threads = true;
        s->safe = i >= 2;
        judge_input(j, "%s; other threads run; it is %ssafe",
                    i & 1 ? "with a prepare()" : "run()",
                    s->safe ? "" : "not ");
        call_spawn(&t);
        judge_int(j, "what price_spawn() returns", s->safe ? 0 : -EDEADLK,
                  t.word.returned);
        if (s->safe) {
            want_made(&t, 0, VM | THREAD, "a copy, for it is safe");
            call_wait(&t);
        } else {
            judge_int(j, "how many processes were made", 0, trace.nmade);
            reply(&t, 0);
        }
    }
    // What copies nothing needs nobody's lock.
    for (int i = 0; i < 2; i++) {
        struct spawn_order *s = function(&t, true);
        s->threads = true;
        s->safe = false;
        s->pidfd = i;
        judge_input(j, "run(), %s; other threads run; it is not safe",
                    i ? "with a pidfd" : "without a pidfd");
        call_spawn(&t);
        judge_int(j, "what price_spawn() returns for run() with `shared`, "
                  "which copies nothing", 0, t.word.returned);
        call_wait(&t);
    }
}

// Whether a mapping is marked as not to be inherited, by /proc/PID/smaps.
static bool
not_inherited(pid_t pid, uint64_t address)
{
    char path[64], line[512];
    unsigned long from, to;
    bool inside = false, marked = false;
    snprintf(path, sizeof(path), "/proc/%d/smaps", (int)pid);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof(line), f)) {
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            inside = from <= address && address < to;
        else if (inside && strncmp(line, "VmFlags:", 8) == 0)
            marked |= strstr(line, " dc") != NULL;
    }
    if (f)
        fclose(f);
    return marked;
}

static bool
advised(const struct test *t, int span, unsigned from, unsigned to, int advice)
{
    uint64_t start = (uint64_t)(uintptr_t)t->word.spawn.spans[span];
    uint64_t end = start + t->order.spawn.spans[span];
    for (unsigned i = from; i < to && i < trace.nadvice; i++)
        if (trace.advice[i].advice == advice &&
            trace.advice[i].start <= start &&
            trace.advice[i].start + trace.advice[i].length >= end)
            return true;
    return false;
}

static void
unneeded(struct judge *j)
{
    struct test t;
    start(&t, j);
    size_t spans[2];
    for (int i = 0; i < 2; i++)
        spans[i] = (size_t)judge_range(j, 3, 200) * 4096;
    judge_input(j, "two pieces of memory, %zu and %zu bytes, are not needed",
                spans[0], spans[1]);
    // A function, a program with a prepare(), one that cannot be started.
    for (int turn = 0; turn < 3; turn++) {
        struct spawn_order *s = turn ? program(&t, turn) : function(&t, false);
        s->prepare = turn ? PREPARE_WRITES : PREPARE_NOTHING;
        if (turn)
            judge_input(j, "with a prepare()%s", turn > 1 ? "; its path is not "
                        "there" : "");
        if (turn > 1)
            snprintf(s->path, TEXT, "/usr/%.40s", s->argv[1]);
        s->nspans = 2;
        memcpy(s->spans, spans, sizeof(spans));
        call_spawn(&t);
        judge_int(j, "what price_spawn() returns", turn > 1 ? -ENOENT : 0,
                  t.word.returned);
        want_made(&t, 0, VM | THREAD, "run() without `shared`, and prepare(), "
                  "have a copy of the address space");
        for (int i = 0; i < 2 && trace.works; i++)
            judge_true(j, advised(&t, i, 0, trace.made[0].before,
                                  MADV_DONTFORK),
                       "both pieces are marked MADV_DONTFORK before the fork",
                       "piece %d is not", i);
        for (int i = 0; i < 2; i++)
            judge_true(j, !not_inherited(judge_pid(t.cell), (uint64_t)
                                         (uintptr_t)t.word.spawn.spans[i]),
                       "after the call, a child would inherit both again",
                       "piece %d is still marked MADV_DONTFORK", i);
        if (turn > 1)
            reply(&t, 0);
        else
            call_wait(&t);
        if (turn == 0)
            judge_int(j, "what run() saw, 128 added if memory that is not "
                      "needed was there", s->value & 127,
                      t.word.spawn.status);
    }
}

// --------------------------------------------- 3b. the machine that we have

// Nanoseconds of the core that the subject itself has used, to this moment,
// also where it runs just now: /proc/PID/schedstat lags behind then.
static int64_t
used(pid_t pid)
{
    clockid_t id;
    struct timespec t;
    if (clock_getcpuclockid(pid, &id) != 0 || clock_gettime(id, &t) < 0)
        return -1;
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

// What price_spawn() costs the caller, once, untraced.
static double
spawn_cost(struct test *t, const struct spawn_order *s)
{
    t->order.spawn = *s;
    give(t);
    take(t, "the subject is ready");
    int64_t before = used(judge_pid(t->cell));
    reply(t, 0);
    take(t, "price_spawn() returns, before the child has ended");
    double cost = (double)(used(judge_pid(t->cell)) - before);
    judge_int(t->j, "what price_spawn() returns", 0, t->word.returned);
    reply(t, 0);
    take(t, "price_wait() returns");
    return cost;
}

static void
real_copy(struct judge *j)
{
    enum { TIMES = 9 };
    struct test t;
    double borrowed[TIMES], copied[TIMES];
    start(&t, j);
    if (used(getpid()) < 0)
        judge_skip(j, "this kernel does not tell what a process has used of "
                   "the core (clock_getcpuclockid())");
    size_t bytes = (size_t)judge_range(j, 48, 80) << 20;
    struct spawn_order starts = *program(&t, 3), copies = *function(&t, false);
    starts.ballast = copies.ballast = bytes;
    judge_input(j, "the caller has %zu MB in 4 KiB pages", bytes >> 20);
    for (int i = 0; i < TIMES; i++) {
        borrowed[i] = spawn_cost(&t, &starts);
        copied[i] = spawn_cost(&t, &copies);
    }
    qsort(borrowed, TIMES, sizeof(double), by_value);
    qsort(copied, TIMES, sizeof(double), by_value);
    // The cheapest copy: no loaded core makes that one dear by chance.
    double ratio = copied[0] / borrowed[TIMES / 2];
    judge_note(j, "the cheapest of %d functions with a copy cost %.1f times "
               "what a program did", TIMES, ratio);
    judge_true(j, ratio >= 2.5, "the copy costs the caller 2.5 times what the "
               "program does, at least", "%.2f times", ratio);
}

static const struct judge_test tests[] = {
    {"touched", touched},
    {"until", until},
    {"outliers", outliers},
    {"warm-up", warm_up},
    {"huge-default", huge_default},
    {"clock", clock_time},
    {"pinned", pinned},
    {"turns", turns},
    {"hiccups", hiccups},
    {"huge-missing", huge_missing},
    {"leaves-nothing", leaves_nothing},
    {"real", real},
    {"fit-exact", fit_exact},
    {"fit-noise", fit_noise},
    {"fit-outliers", fit_outliers},
    {"fit-refuses", fit_refuses},
    {"starts", starts},
    {"borrows", borrows},
    {"not-started", not_started},
    {"prepares", prepares},
    {"snapshot", snapshot},
    {"thread", thread},
    {"pidfd", pidfd},
    {"sharing-process", sharing_process},
    {"threads", threads},
    {"unneeded", unneeded},
    {"real-copy", real_copy},
};

int
main(int argc, char **argv)
{
    JUDGE_MAIN(argc, argv, tests);
}
