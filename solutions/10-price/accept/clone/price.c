// SPDX-License-Identifier: MIT
// price.c -- lab 10, a third way: everything is made by clone(), with a stack
// of its own where memory is shared; the fit keeps the rows that fit best, and
// fits again, from many starts; medians by selection.
#include "price.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

// ------------------------------------------------------------------ 1. measure

// The k-th smallest, by parting and parting again (Hoare's way).
static double
kth(double *v, int n, int k)
{
    int low = 0, high = n - 1;
    while (low < high) {
        double pivot = v[(low + high) / 2];
        int i = low, j = high;
        while (i <= j) {
            while (v[i] < pivot)
                i++;
            while (v[j] > pivot)
                j--;
            if (i <= j) {
                double t = v[i];
                v[i++] = v[j];
                v[j--] = t;
            }
        }
        if (k <= j)
            high = j;
        else if (k >= i)
            low = i;
        else
            break;
    }
    return v[k];
}

struct row {
    int place;
    double *v;
};

struct meter {
    const struct price_ops *o;
    void *m;
    double clock;
};

static int
finish(const struct meter *t, int (*call)(void *, int), int child)
{
    int r = -EINTR;
    for (int i = 0; i < 100000 && r == -EINTR; i++)
        r = call(t->m, child);
    return r;
}

static int
time_fork(const struct meter *t, int place, enum price_until until,
          double *into)
{
    int64_t at[4];
    int child = 0, r = 0;
    for (int i = 0; i < 1000; i++) {
        at[0] = t->o->now(t->m);
        child = t->o->fork(t->m, place);
        if (child != -EAGAIN)
            break;
    }
    if (child < 0)
        return child;
    if (until == PRICE_CREATED)
        at[1] = t->o->now(t->m);
    if (until == PRICE_ENDED) {
        r = finish(t, t->o->ended, child);
        at[2] = t->o->now(t->m);
    }
    if (r == 0)
        r = finish(t, t->o->reap, child);
    if (until == PRICE_REAPED)
        at[3] = t->o->now(t->m);
    *into = (double)(at[until + 1] - at[0]) - t->clock;
    return r;
}

static int
settle(const struct meter *t, const struct price_question *q)
{
    int place = t->o->map(t->m, q->pages), r;
    if (place < 0)
        return place;
    if ((r = t->o->advise(t->m, place, q->kind)) == 0 &&
        (r = t->o->touch(t->m, place, 0, q->pages)) == 0 &&
        (q->kind == PRICE_SMALL ||
         t->o->huge(t->m, place) >= (long)(q->pages - q->pages / 10)))
        return place;
    t->o->unmap(t->m, place);
    return r ? r : -ENOTSUP;
}

int
price_measure(const struct price_ops *ops, const struct price_plan *plan,
              const struct price_question *q, int n, struct price_answer *a)
{
    struct meter t = {ops, ops->machine, 0};
    double empty[21], unused;
    int error = ops->pin(t.m, plan->core);
    if (error < 0)
        return error;
    for (int i = 0; i < 21; i++) {
        int64_t first = ops->now(t.m);
        empty[i] = (double)(ops->now(t.m) - first);
    }
    t.clock = kth(empty, 21, 10);
    struct row *rows = calloc((size_t)n + 1, sizeof(*rows));
    for (int i = 0; i < n; i++) {
        rows[i].v = calloc((size_t)plan->samples + 1, sizeof(double));
        rows[i].place = settle(&t, &q[i]);
        a[i] = (struct price_answer){.error = rows[i].place < 0
                                                  ? rows[i].place : 0};
    }
    for (int w = 0; w < plan->warm; w++)
        for (int i = 0; i < n; i++)
            if (!a[i].error)
                a[i].error = time_fork(&t, rows[i].place, q[i].until, &unused);
    for (int s = 0; s < plan->samples; s++)
        for (int i = 0; i < n; i++)
            if (!a[i].error) {
                a[i].error = time_fork(&t, rows[i].place, q[i].until,
                                       &rows[i].v[s]);
                a[i].samples += !a[i].error;
            }
    for (int i = 0; i < n; i++) {
        int k = a[i].samples;
        if (rows[i].place >= 0)
            ops->unmap(t.m, rows[i].place);
        if (k && !a[i].error) {
            a[i].median = kth(rows[i].v, k, k / 2);
            a[i].low = kth(rows[i].v, k, k / 4);
            a[i].high = kth(rows[i].v, k, (3 * k - 1) / 4);
        }
        free(rows[i].v);
    }
    free(rows);
    ops->pin(t.m, -1);
    return 0;
}

// ---------------------------------------------------------------------- 2. fit

enum { K = PRICE_TERMS };

static double
dot(const double *each, const struct price_row *r)
{
    return each[0] + each[1] * r->mappings + each[2] * r->tables +
           each[3] * r->pages + each[4] * r->dirty;
}

// How far off, by the larger of the two: 0 to 1.
static double
distance(const double *each, const struct price_row *r)
{
    double y = dot(each, r), by = fmax(fabs(y), r->cost);
    return by > 0 ? fabs(y - r->cost) / by : 0;
}

// Cholesky on the scaled normal equations of the rows that are in.
static int
cholesky(const struct price_row *rows, const char *in, int n, double *each)
{
    double a[K][K] = {{0}}, b[K] = {0}, s[K];
    for (int i = 0; i < n; i++) {
        double c = rows[i].cost;
        double x[K] = {1 / c, rows[i].mappings / c, rows[i].tables / c,
                       rows[i].pages / c, rows[i].dirty / c};
        for (int j = 0; j < K && in[i]; j++) {
            b[j] += x[j];
            for (int l = 0; l < K; l++)
                a[j][l] += x[j] * x[l];
        }
    }
    for (int j = 0; j < K; j++) {
        if (a[j][j] <= 0)
            return -EDOM;
        s[j] = 1 / sqrt(a[j][j]);
    }
    for (int j = 0; j < K; j++) {
        b[j] *= s[j];
        for (int l = 0; l < K; l++)
            a[j][l] *= s[j] * s[l];
    }
    for (int j = 0; j < K; j++) {
        for (int l = 0; l <= j; l++) {
            double v = a[j][l];
            for (int k = 0; k < l; k++)
                v -= a[j][k] * a[l][k];
            if (j == l && v < 1e-10)
                return -EDOM;
            a[j][l] = j == l ? sqrt(v) : v / a[l][l];
        }
    }
    for (int j = 0; j < K; j++) {
        for (int k = 0; k < j; k++)
            b[j] -= a[j][k] * b[k];
        b[j] /= a[j][j];
    }
    for (int j = K - 1; j >= 0; j--) {
        for (int k = j + 1; k < K; k++)
            b[j] -= a[k][j] * b[k];
        b[j] /= a[j][j];
    }
    for (int j = 0; j < K; j++)
        each[j] = b[j] * s[j];
    return 0;
}

// Keep the 85 % that are nearest, and fit those; so often that it settles.
static double
concentrate(const struct price_row *rows, char *in, double *d, int n,
            double *each)
{
    double last = 1e300;
    int most = n * 85 / 100;
    for (int t = 0; t < 12; t++) {
        for (int i = 0; i < n; i++)
            d[i] = distance(each, &rows[i]);
        double border = kth(d, n, most);
        last = 0;
        for (int i = 0; i < n; i++) {
            double at = distance(each, &rows[i]);
            in[i] = at <= border;
            last += in[i] ? at * at : 0;
        }
        if (cholesky(rows, in, n, each) < 0)
            return 1e300;
    }
    return last;
}

int
price_fit(const struct price_row *rows, int n, struct price_model *m)
{
    *m = (struct price_model){.outliers = 0};
    if (n <= K)
        return -EINVAL;
    char *in = malloc((size_t)n);
    double *d = malloc((size_t)n * sizeof(double)), each[K], least = 1e301;
    uint64_t state = 88172645463325252u;
    memset(in, 1, (size_t)n);
    int error = cholesky(rows, in, n, each);
    for (int start = 0; start < 200 && !error; start++) {
        for (int i = 0; i < n && start; i++) {
            state ^= state << 13, state ^= state >> 7, state ^= state << 17;
            in[i] = state % (uint64_t)n < 12;
        }
        if (start && cholesky(rows, in, n, each) < 0)
            continue;
        double left = concentrate(rows, in, d, n, each);
        if (left < least) {
            least = left;
            memcpy(m->each, each, sizeof(each));
        }
    }
    for (int t = 0; t < 5 && !error; t++) {
        for (int i = 0; i < n; i++) {
            double y = dot(m->each, &rows[i]);
            in[i] = fabs(rows[i].cost - y) <= 0.25 * y;
        }
        error = cholesky(rows, in, n, m->each);
    }
    double mean = 0, left = 0, all = 0;
    int kept = 0;
    for (int i = 0; i < n; i++) {
        kept += in[i];
        mean += in[i] ? rows[i].cost : 0;
    }
    mean /= kept ? kept : 1;
    for (int i = 0; i < n; i++)
        if (in[i]) {
            left += pow(rows[i].cost - dot(m->each, &rows[i]), 2);
            all += pow(rows[i].cost - mean, 2);
        }
    m->outliers = n - kept;
    m->r2 = all > 0 ? 1 - left / all : 0;
    free(in);
    free(d);
    return error;
}

// -------------------------------------------------------------------- 3. spawn

enum { STACK = 128 << 10 };

struct job {
    const struct price_need *need;
    int (*run)(void *arg);
    void *arg;
    volatile int why;
    int say, status;
    char *stack;
};

// Up to the program.  With CLONE_VM `why` is the caller's.
static int
become(void *arg)
{
    struct job *j = arg;
    const struct price_need *need = j->need;
    int why = need->prepare ? need->prepare(need->arg) : 0;
    for (int i = 0; i < need->nfds && !why; i++)
        why = dup2(need->fds[i].parent, need->fds[i].child) < 0 ? errno : 0;
    if (!why && need->cwd)
        why = chdir(need->cwd) < 0 ? errno : 0;
    if (!why) {
        execve(need->path, need->argv, need->envp ? need->envp : environ);
        why = errno;
    }
    j->why = why;
    if (j->say >= 0)
        (void)!write(j->say, &why, sizeof(why));
    _exit(127);
}

static int
call_run(void *arg)
{
    struct job *j = arg;
    return j->run(j->arg) & 255;
}

static void *
thread(void *arg)
{
    struct job *j = arg;
    j->status = call_run(j);
    return NULL;
}

static void
advise(const struct price_need *need, int advice)
{
    for (int i = 0; i < need->nunneeded; i++)
        madvise(need->unneeded[i].start, need->unneeded[i].length, advice);
}

// flags 0: a copy.  A stack is needed for CLONE_VM, and does no harm else.
static pid_t
make(struct job *j, int (*fn)(void *), int flags, struct price_child *c)
{
    int fd_flag = j->need->pidfd ? CLONE_PIDFD : 0;
    if (!(flags & CLONE_VM))
        advise(j->need, MADV_DONTFORK);
    pid_t pid = clone(fn, j->stack + STACK, flags | fd_flag | SIGCHLD, j,
                      &c->pidfd);
    int error = errno;
    if (!(flags & CLONE_VM))
        advise(j->need, MADV_DOFORK);
    errno = error;
    return pid;
}

static int
program(struct job *j, struct price_child *c)
{
    int p[2] = {-1, -1}, why = 0;
    bool copy = j->need->prepare != NULL;
    j->say = -1;
    if (copy) {
        if (pipe2(p, O_CLOEXEC) < 0)
            return -errno;
        j->say = fcntl(p[1], F_DUPFD_CLOEXEC, 64);
        close(p[1]);
    }
    c->pid = make(j, become, copy ? 0 : CLONE_VM | CLONE_VFORK, c);
    int error = c->pid < 0 ? errno : 0;
    if (copy) {
        close(j->say);
        if (!error && read(p[0], &why, sizeof(why)) != sizeof(why))
            why = 0;
        close(p[0]);
    } else {
        why = j->why;
    }
    if (!error && why) {
        waitpid(c->pid, NULL, 0);
        if (c->pidfd >= 0)
            close(c->pidfd);
        error = why;
    }
    return -error;
}

int
price_spawn(const struct price_need *need, struct price_child *c)
{
    bool copy = need->path ? need->prepare != NULL : !need->shared;
    int error = 0;
    *c = (struct price_child){.pidfd = -1};
    if (copy && need->threads && !need->safe)
        return -EDEADLK;
    struct job *j = calloc(1, sizeof(*j));
    *j = (struct job){.need = need, .run = need->run, .arg = need->arg};
    j->stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (need->path) {
        error = program(j, c);
    } else if (copy || need->pidfd) {
        c->pid = make(j, call_run, copy ? 0 : CLONE_VM, c);
        error = c->pid < 0 ? -errno : 0;
    } else {
        error = -pthread_create(&c->thread, NULL, thread, j);
    }
    if (error) {
        munmap(j->stack, STACK);
        free(j);
        *c = (struct price_child){.pidfd = -1};
    } else {
        c->own = j;
    }
    return error;
}

int
price_wait(struct price_child *c, int *status)
{
    struct job *j = c->own;
    int raw = 0;
    if (!c->pid) {
        pthread_join(c->thread, NULL);
        *status = j->status;
    } else {
        while (waitpid(c->pid, &raw, 0) < 0 && errno == EINTR)
            continue;
        *status = WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
    }
    munmap(j->stack, STACK);
    free(j);
    if (c->pidfd >= 0)
        close(c->pidfd);
    return 0;
}
