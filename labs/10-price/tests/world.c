// SPDX-License-Identifier: MIT
// world.c -- a machine that is made up, on virtual time: every call of
// price_ops takes a time that the judge knows, so that a wrong way to measure is
// wrong by a known amount, the same on every machine and under any load.  Used
// by judge.c.  Book: chapter 10.
#include "world.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ALIVE = 1, ZOMBIE, GONE };
enum { FIXED, PER_PAGE, PER_HUGE, REAP };  // base[]

static double
unit(struct world *w)
{
    return (double)(judge_random(w->j) >> 11) / 9007199254740992.0;
}

struct world *
world_make(struct judge *j, const struct measure_order *order,
           const struct world_nature *is)
{
    struct world *w = calloc(1, sizeof(*w));
    w->j = j;
    w->is = *is;
    w->order = order;
    if (w->is.clock_ns <= 0)
        w->is.clock_ns = 20;
    w->pinned = -1;
    w->t = 1e6 * (double)judge_range(j, 1000, 9000);
    w->base[FIXED] = (double)judge_range(j, 40000, 80000);
    w->base[PER_PAGE] = (double)judge_range(j, 30, 60);
    w->base[PER_HUGE] = (double)judge_range(j, 150, 300);
    w->base[REAP] = (double)judge_range(j, 4000, 8000);
    for (int i = 0; i < 8; i++)
        w->skew[i] = (double)judge_range(j, -900000, 900000);
    return w;
}

// ------------------------------------------------------------------- the time

static void
pass(struct world *w, double ns)
{
    w->t += ns;
}

// A process that is not pinned goes somewhere else now and then.
static void
wander(struct world *w)
{
    if (w->is.cores && w->pinned < 0 && unit(w) < 0.3)
        w->core = (int)judge_range(w->j, 0, 7);
}

static int64_t
now(struct world *w)
{
    pass(w, w->is.clock_ns);
    return (int64_t)(w->t + (w->is.cores ? w->skew[w->core] : 0));
}

// ----------------------------------------------------------------- the places

static struct world_place *
place(struct world *w, int64_t n)
{
    if (n < 0 || n >= w->nplaces || !w->place[n].mapped)
        return NULL;
    return &w->place[n];
}

// The k-th place with so many pages is that of the k-th such question.
static int
question_of(const struct world *w, size_t pages)
{
    for (int q = 0; q < w->order->n; q++) {
        bool taken = false;
        for (int p = 0; p < w->nplaces; p++)
            taken |= w->place[p].question == q;
        if (!taken && w->order->questions[q].pages == pages)
            return q;
    }
    return -1;
}

static int64_t
map(struct world *w, int64_t pages)
{
    pass(w, 5000);
    if (w->nplaces == WORLD_PLACES)
        return -EAGAIN;
    if (pages < 0 || pages > 1 << 22)
        return -ENOMEM;
    struct world_place *p = &w->place[w->nplaces];
    p->question = question_of(w, (size_t)pages);
    p->mapped = true;
    p->pages = (size_t)pages;
    p->kind = calloc((size_t)pages + 1, 1);
    p->advice = -1;
    p->core_factor = w->is.cores && w->pinned < 0 ? 1.2 + unit(w) : 1;
    return w->nplaces++;
}

// Whether page `at`, the first of a huge one, gets that.
static bool
comes_huge(const struct world *w, const struct world_place *p, size_t at)
{
    size_t k = at / 512, percent = (size_t)w->is.huge_percent;
    if (p->advice != PRICE_HUGE && (p->advice >= 0 || !w->is.huge_default))
        return false;
    return !percent || (k + 1) * percent / 100 > k * percent / 100;
}

// Whether this is the place of that question, of those that fail.
static bool
fails(const struct world_place *p, int question)
{
    return question > 0 && p->question == question;
}

static int64_t
touch(struct world *w, struct world_place *p, int64_t first, int64_t count)
{
    if (first < 0 || count < 0 || (size_t)first + (size_t)count > p->pages)
        return -EFAULT;
    if (fails(p, w->is.no_touch))
        return -ENOMEM;
    for (int64_t i = first; i < first + count; i++) {
        if (p->kind[i]) {
            pass(w, 15);
            continue;
        }
        size_t at = (size_t)i / 512 * 512;
        bool whole = at + 512 <= p->pages && (size_t)i == at;
        bool huge = whole && comes_huge(w, p, at);
        pass(w, huge ? 60000 : 250);
        size_t last = huge ? at + 511 : (size_t)i;
        for (size_t k = (size_t)i; k <= last; k++) {
            p->touched += !p->kind[k];
            p->kind[k] = huge ? 2 : 1;
            p->huge += huge;
        }
    }
    return 0;
}

// ------------------------------------------------------------------ the prices

// Of what the question asks for, on a machine that is at rest.
static void
ideal(const struct world *w, const struct price_question *q, double cost[3])
{
    double huge = q->kind == PRICE_HUGE ? floor((double)q->pages / 512) : 0;
    double small = (double)q->pages - huge * 512;
    double memory = small * w->base[PER_PAGE] + huge * w->base[PER_HUGE];
    cost[PRICE_CREATED] = w->base[FIXED] * 0.6 + memory * 0.65;
    cost[PRICE_ENDED] = w->base[FIXED] * 0.4 + memory * 0.35;
    cost[PRICE_REAPED] = w->base[REAP];
}

// How much dearer than at rest this fork is, by what nobody can help.  The
// outliers are dealt from a deck of twenty, so that there are as many as
// there are to be.
static double
noise(struct world *w, int p, int fork)
{
    static unsigned char deck[WORLD_PLACES][20];
    double f = 1 + 0.004 * (unit(w) - 0.5);
    if (!w->is.outliers)
        return f;
    if (fork % 20 == 0)
        for (int i = 0; i < 20; i++) {
            int k = (int)judge_range(w->j, 0, i);
            deck[p][i] = deck[p][k];
            deck[p][k] = (unsigned char)i;
        }
    int card = deck[p][fork % 20];
    if (card < 2)
        f *= 0.4 + 0.2 * unit(w);   // a wrong reading, too short
    else if (card < 7)
        f *= 1.5 + unit(w);         // somebody else's turn
    else if (card == 7)
        f *= 50 + 100 * unit(w);    // the host's
    return f;
}

static int64_t
do_fork(struct world *w, int64_t number)
{
    struct world_place *p = place(w, number);
    if (!p)
        return -EINVAL;
    if (w->is.eagain && (++w->calls % w->is.eagain == 0 ||
                         (p->forks == 4 && p->again++ < 40))) {
        pass(w, w->base[FIXED] * 0.8);
        return -EAGAIN;
    }
    if (fails(p, w->is.no_fork)) {
        if (++p->again > 20000)
            judge_fail(w->j, JUDGE_WRONG, "a bound for how often fork() is "
                       "called again where it says -EAGAIN for ever",
                       "it was called %d times", p->again);
        pass(w, 1000);
        return -EAGAIN;
    }
    if (p->children >= 32 || p->forks == WORLD_FORKS) {
        pass(w, 1000);
        p->failed++;
        return -EAGAIN;
    }
    int total = (w->order->plan.warm + w->order->plan.samples) * w->order->n;
    double drift = 1 + w->is.drift * w->forks / total;
    double f = drift * noise(w, (int)number, p->forks);
    double cost[3] = {0, 0, 0};
    if (p->question >= 0)
        ideal(w, &w->order->questions[p->question], cost);
    for (int i = 0; i < 3; i++)
        p->ideal[p->forks][i] = cost[i] * f;
    // What it really costs is by the pages that are there, and all the rest.
    struct price_question is = {.pages = p->touched - p->huge};
    ideal(w, &is, cost);
    double memory = (double)p->huge / 512 * w->base[PER_HUGE];
    cost[PRICE_CREATED] += memory * 0.65;
    cost[PRICE_ENDED] += memory * 0.35;
    f *= p->core_factor * (1 + 0.3 * p->children);
    if (w->is.warm_times > 0 && p->forks < w->order->plan.warm)
        f *= w->is.warm_times;
    pass(w, cost[PRICE_CREATED] * f);
    w->child[w->nchildren] = (struct world_child){
        (int)number, ALIVE, cost[PRICE_ENDED] * f};
    p->forks++;
    p->children++;
    w->forks++;
    return ++w->nchildren;
}

static struct world_child *
child(struct world *w, int64_t n)
{
    if (n < 1 || n > w->nchildren || w->child[n - 1].state == GONE)
        return NULL;
    return &w->child[n - 1];
}

// Let the child live out its life; a signal may come in the middle of it.
static int64_t
live(struct world *w, struct world_child *c)
{
    if (c->state == ZOMBIE)
        return 0;
    if (w->is.eintr && ++w->waits % w->is.eintr == 0) {
        pass(w, c->left / 2);
        c->left /= 2;
        return -EINTR;
    }
    pass(w, c->left);
    c->state = ZOMBIE;
    return 0;
}

static int64_t
reap(struct world *w, struct world_child *c)
{
    int64_t r = live(w, c);
    if (r < 0)
        return r;
    // As dear as its fork was: the noise is one per fork.
    struct world_place *p = &w->place[c->place];
    double ideal_reap = p->forks ? p->ideal[p->forks - 1][PRICE_REAPED] : 0;
    pass(w, ideal_reap > 0 ? ideal_reap : w->base[REAP]);
    c->state = GONE;
    p->children--;
    return 0;
}

static int64_t
pin(struct world *w, int64_t core)
{
    pass(w, 2000);
    if (core >= 0 && core != w->order->plan.core)
        return -EINVAL;
    if (core >= 0 && w->nplaces == 0)
        w->pins = true;
    w->pinned = (int)core;
    w->core = core >= 0 ? (int)core % 8 : w->core;
    return 0;
}

int64_t
world_call(struct world *w, const struct word *asked)
{
    struct world_place *p = place(w, asked->a);
    struct world_child *c = child(w, asked->a);
    wander(w);
    switch (asked->op) {
    case OP_NOW: return now(w);
    case OP_PIN: return pin(w, asked->a);
    case OP_MAP: return map(w, asked->a);
    case OP_ADVISE:
        pass(w, 2000);
        if (!p || asked->b < PRICE_SMALL || asked->b > PRICE_HUGE)
            return -EINVAL;
        if (fails(p, w->is.no_advise))
            return -EINVAL;
        p->advice = (int)asked->b;
        return 0;
    case OP_TOUCH: return p ? touch(w, p, asked->b, asked->c) : -EINVAL;
    case OP_HUGE:
        pass(w, 30000);
        return p ? (int64_t)p->huge : -EINVAL;
    case OP_FORK: return do_fork(w, asked->a);
    case OP_ENDED: return c ? live(w, c) : -ECHILD;
    case OP_REAP: return c ? reap(w, c) : -ECHILD;
    case OP_UNMAP:
        pass(w, 5000);
        if (!p)
            return -EINVAL;
        p->mapped = false;
        free(p->kind);
        p->kind = NULL;
        return 0;
    default:
        judge_fail(w->j, JUDGE_CHEAT, "one of the calls of price_ops",
                   "a call number %d", (int)asked->op);
    }
}

// ------------------------------------------------------------------- the truth

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static struct world_place *
place_of(struct world *w, int question)
{
    for (int p = 0; p < w->nplaces; p++)
        if (w->place[p].question == question)
            return &w->place[p];
    return NULL;
}

// What was done to a place that explains a wrong figure, for the report.
static void
explain(struct world *w, const struct world_place *p,
        const struct price_question *q)
{
    if (p->core_factor > 1)
        judge_note(w->j, "a place was mapped while this process was not "
                   "pinned, and stays on a core that differs");
    if (p->touched < p->pages)
        judge_note(w->j, "of the %zu pages of a place only %zu had been "
                   "touched when all was over", p->pages, p->touched);
    if (q->kind == PRICE_SMALL && p->huge)
        judge_note(w->j, "%zu of the %zu pages of a place lay in huge pages, "
                   "and 4 KiB pages were asked for", p->huge, p->pages);
    if (p->failed)
        judge_note(w->j, "32 children of a place were there at once, none of "
                   "them reaped: fork() failed");
}

void
world_truth(struct world *w, int i, double *samples)
{
    const struct price_plan *plan = &w->order->plan;
    const struct price_question *q = &w->order->questions[i];
    struct world_place *p = place_of(w, i);
    judge_true(w->j, p != NULL, "a place for each question",
               "no place with %zu pages was mapped", q->pages);
    explain(w, p, q);
    judge_true(w->j, p->forks == plan->warm + plan->samples,
               "the place of each question forks plan->warm + plan->samples "
               "times", "the place with %zu pages forked %d times, not %d",
               q->pages, p->forks, plan->warm + plan->samples);
    for (int s = 0; s < plan->samples; s++) {
        samples[s] = 0;
        for (int until = 0; until <= (int)q->until; until++)
            samples[s] += p->ideal[plan->warm + s][until];
    }
    qsort(samples, (size_t)plan->samples, sizeof(*samples), by_value);
}

void
world_touched(struct world *w, int i)
{
    const struct world_place *p = place_of(w, i);
    if (p)
        judge_true(w->j, p->touched == p->pages, "all pages of a place are "
                   "touched", "of %zu pages %zu were", p->pages, p->touched);
}

void
world_left(struct world *w)
{
    for (int i = 0; i < w->nplaces; i++) {
        judge_true(w->j, w->place[i].children == 0,
                   "every child is reaped", "%d children of a place with %zu "
                   "pages are not", w->place[i].children, w->place[i].pages);
        judge_true(w->j, !w->place[i].mapped, "every place is unmapped",
                   "one with %zu pages is not", w->place[i].pages);
    }
    judge_true(w->j, w->pinned < 0, "pin(-1) at the end",
               "still pinned to core %d", w->pinned);
}
