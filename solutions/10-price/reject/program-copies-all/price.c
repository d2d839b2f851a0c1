// SPDX-License-Identifier: MIT
// price.c -- lab 10, wrong: leaves out what is not needed for run(), and copies
// it for a prepare().
#include "price.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// ================================================================ 1. measure

enum { CLOCK_READS = 31, AGAIN_MOST = 1000 };

// A question's place, and its samples so far.
struct place {
    int number;
    double *samples;
};

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// The value below which the part q of n sorted values lies.
static double
quantile(const double *sorted, int n, double q)
{
    double at = q * (n - 1);
    int below = (int)at;
    int above = below + 1 < n ? below + 1 : below;
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

static double
median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof(*values), by_value);
    return quantile(values, n, 0.5);
}

// What passes between two reads of the clock with nothing between them.
static double
clock_cost(const struct price_ops *ops)
{
    double d[CLOCK_READS];
    for (int i = 0; i < CLOCK_READS; i++) {
        int64_t t0 = ops->now(ops->machine);
        d[i] = (double)(ops->now(ops->machine) - t0);
    }
    return median(d, CLOCK_READS);
}

// Everything that is not to be in the interval: memory, its kind, its pages.
static int
open_place(const struct price_ops *ops, const struct price_question *q)
{
    int place = ops->map(ops->machine, q->pages);
    if (place < 0 || q->pages == 0)
        return place;
    int error = ops->advise(ops->machine, place, q->kind);
    if (error == 0)
        error = ops->touch(ops->machine, place, 0, q->pages);
    if (error == 0 && q->kind == PRICE_HUGE &&
        ops->huge(ops->machine, place) * 10 < (long)q->pages * 9)
        error = -ENOTSUP;
    if (error == 0)
        return place;
    ops->unmap(ops->machine, place);
    return error;
}

static int
again(int (*call)(void *, int), void *machine, int child)
{
    int r;
    do
        r = call(machine, child);
    while (r == -EINTR);
    return r;
}

// One fork, timed as the question asks, and nothing left of it.
static int
sample(const struct price_ops *ops, int place, enum price_until until,
       double *ns)
{
    int child = -EAGAIN, error = 0;
    int64_t t0 = 0, t1;
    for (int i = 0; child == -EAGAIN && i < AGAIN_MOST; i++) {
        t0 = ops->now(ops->machine);
        child = ops->fork(ops->machine, place);
    }
    if (child < 0)
        return child;
    if (until == PRICE_ENDED)
        error = again(ops->ended, ops->machine, child);
    if (until == PRICE_REAPED)
        error = again(ops->reap, ops->machine, child);
    t1 = ops->now(ops->machine);
    if (until != PRICE_REAPED && error == 0)
        error = again(ops->reap, ops->machine, child);
    *ns = (double)(t1 - t0);
    return error;
}

static void
all_rounds(const struct price_ops *ops, const struct price_plan *plan,
           const struct price_question *q, int n, struct place *places,
           struct price_answer *answers, double clock)
{
    double ns;
    for (int round = -plan->warm; round < plan->samples; round++)
        for (int i = 0; i < n; i++) {
            struct price_answer *a = &answers[i];
            if (a->error)
                continue;
            a->error = sample(ops, places[i].number, q[i].until, &ns);
            if (!a->error && round >= 0)
                places[i].samples[a->samples++] = ns - clock;
        }
}

int
price_measure(const struct price_ops *ops, const struct price_plan *plan,
              const struct price_question *questions, int n,
              struct price_answer *answers)
{
    memset(answers, 0, (size_t)n * sizeof(*answers));
    struct place *places = calloc((size_t)n, sizeof(*places));
    size_t room = (size_t)(plan->samples > 0 ? plan->samples : 1);
    double *store = calloc((size_t)n * room, sizeof(*store));
    int error = places && store ? ops->pin(ops->machine, plan->core) : -ENOMEM;
    for (int i = 0; i < n && !error; i++) {
        places[i].samples = store + room * (size_t)i;
        places[i].number = open_place(ops, &questions[i]);
        if (places[i].number < 0)
            answers[i].error = places[i].number;
    }
    if (!error)
        all_rounds(ops, plan, questions, n, places, answers, clock_cost(ops));
    for (int i = 0; i < n && !error; i++) {
        struct price_answer *a = &answers[i];
        if (places[i].number >= 0)
            ops->unmap(ops->machine, places[i].number);
        if (a->error || a->samples == 0)
            continue;
        a->median = median(places[i].samples, a->samples);
        a->low = quantile(places[i].samples, a->samples, 0.25);
        a->high = quantile(places[i].samples, a->samples, 0.75);
    }
    ops->pin(ops->machine, -1);
    free(store);
    free(places);
    return error;
}

// ==================================================================== 2. fit

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
predict(const struct price_model *m, const struct price_row *r)
{
    double x[PRICE_TERMS], y = 0;
    features(r, x);
    for (int j = 0; j < PRICE_TERMS; j++)
        y += m->each[j] * x[j];
    return y;
}

// Solve a x = b in place.  a's diagonal began as 1, so a small pivot means
// that the other columns say the same.
static int
eliminate(double a[PRICE_TERMS][PRICE_TERMS], double b[PRICE_TERMS])
{
    for (int c = 0; c < PRICE_TERMS; c++) {
        int best = c;
        for (int r = c + 1; r < PRICE_TERMS; r++)
            if (fabs(a[r][c]) > fabs(a[best][c]))
                best = r;
        if (fabs(a[best][c]) < 1e-9)
            return -EDOM;
        for (int l = 0; l < PRICE_TERMS; l++) {
            double t = a[c][l];
            a[c][l] = a[best][l];
            a[best][l] = t;
        }
        double t = b[c];
        b[c] = b[best];
        b[best] = t;
        for (int r = 0; r < PRICE_TERMS; r++) {
            if (r == c)
                continue;
            double f = a[r][c] / a[c][c];
            for (int l = c; l < PRICE_TERMS; l++)
                a[r][l] -= f * a[c][l];
            b[r] -= f * b[c];
        }
    }
    for (int c = 0; c < PRICE_TERMS; c++)
        b[c] /= a[c][c];
    return 0;
}

// Least squares with a weight for each row.
static int
solve(const struct price_row *rows, const double *weight, int n,
      struct price_model *m)
{
    double a[PRICE_TERMS][PRICE_TERMS] = {{0}}, b[PRICE_TERMS] = {0};
    double scale[PRICE_TERMS] = {0}, x[PRICE_TERMS];
    for (int i = 0; i < n; i++) {
        features(&rows[i], x);
        for (int j = 0; j < PRICE_TERMS; j++)
            scale[j] += weight[i] * weight[i] * x[j] * x[j];
    }
    for (int j = 0; j < PRICE_TERMS; j++) {
        if (scale[j] <= 0)
            return -EDOM;
        scale[j] = 1 / sqrt(scale[j]);
    }
    for (int i = 0; i < n; i++) {
        features(&rows[i], x);
        for (int j = 0; j < PRICE_TERMS; j++) {
            double xj = weight[i] * weight[i] * x[j] * scale[j];
            b[j] += xj * rows[i].cost;
            for (int l = 0; l < PRICE_TERMS; l++)
                a[j][l] += xj * x[l] * scale[l];
        }
    }
    if (eliminate(a, b) < 0)
        return -EDOM;
    for (int j = 0; j < PRICE_TERMS; j++)
        m->each[j] = b[j] * scale[j];
    return 0;
}

static double
off(const struct price_model *m, const struct price_row *r)
{
    double y = predict(m, r);
    return y > 0 ? fabs(r->cost - y) / y : INFINITY;
}

// Least squares over the rows that are kept, each by its relative error.
static int
solve_kept(const struct price_row *rows, const bool *keep, double *weight,
           int n, struct price_model *m)
{
    for (int i = 0; i < n; i++)
        weight[i] = keep[i] && rows[i].cost > 0 ? 1 / rows[i].cost : 0;
    return solve(rows, weight, n, m);
}

// The least relative distances: weights of 1/sqrt(residual) turn squares into
// absolute values, which a tenth of outliers does not move.
static int
solve_absolute(const struct price_row *rows, double *weight, int n,
               struct price_model *m)
{
    for (int i = 0; i < n; i++)
        weight[i] = rows[i].cost > 0 ? 1 / rows[i].cost : 0;
    for (int round = 0; round < 60; round++) {
        if (solve(rows, weight, n, m) < 0)
            return -EDOM;
        for (int i = 0; i < n; i++) {
            // By the larger of the two, or a row that is too cheap by far
            // would weigh as much as ten that are right.
            double y = fabs(predict(m, &rows[i]));
            double by = y > rows[i].cost ? y : rows[i].cost;
            double r = fabs(rows[i].cost - predict(m, &rows[i])) / by;
            weight[i] = 1 / (by * sqrt(r > 1e-4 ? r : 1e-4));
        }
    }
    return 0;
}

static double
plain_r2(const struct price_model *m, const struct price_row *rows,
         const bool *keep, int n)
{
    double mean = 0, left = 0, all = 0;
    int kept = 0;
    for (int i = 0; i < n; i++)
        if (keep[i]) {
            mean += rows[i].cost;
            kept++;
        }
    mean /= kept ? kept : 1;
    for (int i = 0; i < n; i++)
        if (keep[i]) {
            left += pow(rows[i].cost - predict(m, &rows[i]), 2);
            all += pow(rows[i].cost - mean, 2);
        }
    return all > 0 ? 1 - left / all : 0;
}

int
price_fit(const struct price_row *rows, int n, struct price_model *model)
{
    memset(model, 0, sizeof(*model));
    if (n <= PRICE_TERMS)
        return -EINVAL;
    double *weight = calloc((size_t)n, sizeof(*weight));
    bool *keep = calloc((size_t)n, sizeof(*keep));
    int error = weight && keep ? solve_absolute(rows, weight, n, model)
                               : -ENOMEM;
    // Then squares again, of those that belong, until it is settled which do.
    for (int round = 0; round < 8 && !error; round++) {
        for (int i = 0; i < n; i++)
            keep[i] = off(model, &rows[i]) <= 0.25;
        error = solve_kept(rows, keep, weight, n, model);
    }
    for (int i = 0; i < n && !error; i++) {
        keep[i] = off(model, &rows[i]) <= 0.25;
        model->outliers += !keep[i];
    }
    if (!error)
        model->r2 = plain_r2(model, rows, keep, n);
    free(weight);
    free(keep);
    return error;
}

// ================================================================== 3. spawn

enum { STACK = 256 << 10 };

extern char **environ;

// What a thread or a process that shares the memory needs, while it lives.
struct guest {
    int (*run)(void *arg);
    void *arg;
    int status;
    void *stack;
};

static int
open_pidfd(struct price_child *c)
{
    c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
    return c->pidfd < 0 ? -errno : 0;
}

// A child that nobody is to hear of.
static void
discard(pid_t pid)
{
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

// A program, and the C library arranges what is to be arranged.
static int
spawn_program(const struct price_need *need, struct price_child *c)
{
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return -error;
    for (int i = 0; i < need->nfds && !error; i++)
        error = posix_spawn_file_actions_adddup2(
            &actions, need->fds[i].parent, need->fds[i].child);
    if (need->cwd && !error)
        error = posix_spawn_file_actions_addchdir_np(&actions, need->cwd);
    if (!error)
        error = posix_spawn(&c->pid, need->path, &actions, NULL, need->argv,
                            need->envp ? need->envp : environ);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

// The child's half where it has a copy: prepare, then become the program.
static _Noreturn void
become(const struct price_need *need, int say)
{
    int error = need->prepare ? need->prepare(need->arg) : 0;
    for (int i = 0; i < need->nfds && !error; i++)
        if (dup2(need->fds[i].parent, need->fds[i].child) < 0)
            error = errno;
    if (!error && need->cwd && chdir(need->cwd) < 0)
        error = errno;
    if (!error) {
        execve(need->path, need->argv, need->envp ? need->envp : environ);
        error = errno;
    }
    (void)!write(say, &error, sizeof(error));
    _exit(127);
}

static void
set_unneeded(const struct price_need *need, int advice)
{
    for (int i = 0; i < need->nunneeded; i++)
        madvise(need->unneeded[i].start, need->unneeded[i].length, advice);
}

static pid_t
fork_without(const struct price_need *need)
{
    set_unneeded(need, MADV_DONTFORK);
    pid_t pid = fork();
    if (pid != 0) {
        int error = errno;
        set_unneeded(need, MADV_DOFORK);
        errno = error;
    }
    return pid;
}

// Above every number that the child is to have: it must outlive the dup2()s.
static int
pipe_above(const struct price_need *need, int p[2])
{
    int least = 3;
    for (int i = 0; i < need->nfds; i++)
        if (need->fds[i].child >= least)
            least = need->fds[i].child + 1;
    if (pipe2(p, O_CLOEXEC) < 0)
        return -errno;
    int high = fcntl(p[1], F_DUPFD_CLOEXEC, least);
    int error = errno;
    close(p[1]);
    p[1] = high;
    if (high < 0)
        close(p[0]);
    return high < 0 ? -error : 0;
}

static int
fork_program(const struct price_need *need, struct price_child *c)
{
    int p[2], why;
    ssize_t n;
    int error = pipe_above(need, p);
    if (error)
        return error;
    c->pid = fork();
    if (c->pid == 0)
        become(need, p[1]);
    error = c->pid < 0 ? -errno : 0;
    close(p[1]);
    if (!error) {
        do
            n = read(p[0], &why, sizeof(why));
        while (n < 0 && errno == EINTR);
        if (n == sizeof(why)) {
            error = -why;
            discard(c->pid);
        }
    }
    close(p[0]);
    return error;
}

static int
fork_function(const struct price_need *need, struct price_child *c)
{
    c->pid = fork_without(need);
    if (c->pid == 0)
        _exit(need->run(need->arg));
    return c->pid < 0 ? -errno : 0;
}

static void *
thread_main(void *arg)
{
    struct guest *g = arg;
    g->status = g->run(g->arg) & 255;
    return NULL;
}

static int
start_thread(const struct price_need *need, struct price_child *c)
{
    struct guest *g = calloc(1, sizeof(*g));
    if (!g)
        return -ENOMEM;
    *g = (struct guest){.run = need->run, .arg = need->arg};
    int error = pthread_create(&c->thread, NULL, thread_main, g);
    if (error)
        free(g);
    else
        c->own = g;
    return -error;
}

// The memory itself, but a process: it can be killed, and polled for.
static int
clone_sharing(const struct price_need *need, struct price_child *c)
{
    struct guest *g = calloc(1, sizeof(*g));
    char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (!g || stack == MAP_FAILED) {
        free(g);
        if (stack != MAP_FAILED)
            munmap(stack, STACK);
        return -ENOMEM;
    }
    g->stack = stack;
    c->pid = clone(need->run, stack + STACK, CLONE_VM | CLONE_PIDFD | SIGCHLD,
                   need->arg, &c->pidfd);
    if (c->pid < 0) {
        int error = errno;
        munmap(stack, STACK);
        free(g);
        c->pidfd = -1;
        return -error;
    }
    c->own = g;
    return 0;
}

int
price_spawn(const struct price_need *need, struct price_child *child)
{
    bool copies = need->path ? need->prepare != NULL : !need->shared;
    *child = (struct price_child){.pidfd = -1};
    int error;
    if (copies && need->threads && !need->safe)
        return -EDEADLK;
    if (need->path)
        error = copies ? fork_program(need, child)
                       : spawn_program(need, child);
    else if (copies)
        error = fork_function(need, child);
    else
        error = need->pidfd ? clone_sharing(need, child)
                            : start_thread(need, child);
    if (!error && need->pidfd && child->pidfd < 0) {
        error = open_pidfd(child);
        if (error)
            discard(child->pid);
    }
    if (error)
        *child = (struct price_child){.pidfd = -1};
    return error;
}

int
price_wait(struct price_child *child, int *status)
{
    struct guest *g = child->own;
    int error = 0, raw = 0;
    if (child->pid == 0) {
        error = pthread_join(child->thread, NULL);
        *status = g->status;
    } else {
        while (waitpid(child->pid, &raw, 0) < 0)
            if (errno != EINTR) {
                error = errno;
                break;
            }
        *status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    }
    if (g && g->stack)
        munmap(g->stack, STACK);
    free(g);
    if (child->pidfd >= 0)
        close(child->pidfd);
    *child = (struct price_child){.pidfd = -1};
    return -error;
}
