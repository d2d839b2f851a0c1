// SPDX-License-Identifier: MIT
// price.c -- lab 10, another way: programs by vfork(), with the errno handed
// back in the memory that is borrowed; the fit by trying many exact fits to five
// rows each and taking the one with the least median residual, then
// Gram-Schmidt.
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

// Keep the samples sorted as they come.
static void
insert(double *sorted, int n, double value)
{
    int i = n;
    for (; i > 0 && sorted[i - 1] > value; i--)
        sorted[i] = sorted[i - 1];
    sorted[i] = value;
}

static double
middle(const double *sorted, int n)
{
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

static double
empty_interval(const struct price_ops *o)
{
    double d[17];
    for (int i = 0; i < 17; i++) {
        int64_t before = o->now(o->machine), after = o->now(o->machine);
        insert(d, i, (double)(after - before));
    }
    return middle(d, 17);
}

static int
prepare_place(const struct price_ops *o, const struct price_question *q)
{
    void *m = o->machine;
    int error, place = o->map(m, q->pages);
    if (place < 0)
        return place;
    error = q->pages ? o->advise(m, place, q->kind) : 0;
    // In pieces, as if there were much of it.
    for (size_t at = 0; at < q->pages && !error; at += 2048)
        error = o->touch(m, place, at,
                         q->pages - at < 2048 ? q->pages - at : 2048);
    if (!error && q->kind == PRICE_HUGE && q->pages &&
        (double)o->huge(m, place) < 0.9 * (double)q->pages)
        error = -ENOTSUP;
    if (!error)
        return place;
    o->unmap(m, place);
    return error;
}

static int
one(const struct price_ops *o, int place, enum price_until until, double *ns)
{
    void *m = o->machine;
    int64_t start, end = 0;
    int child, r;
    int tries = 0;
again:
    start = o->now(m);
    child = o->fork(m, place);
    if (child == -EAGAIN && ++tries < 500)
        goto again;
    if (child < 0)
        return child;
    if (until == PRICE_CREATED)
        end = o->now(m);
    while ((r = o->ended(m, child)) == -EINTR)
        continue;
    if (until == PRICE_ENDED)
        end = o->now(m);
    if (r == 0)
        while ((r = o->reap(m, child)) == -EINTR)
            continue;
    if (until == PRICE_REAPED)
        end = o->now(m);
    *ns = (double)(end - start);
    return r;
}

int
price_measure(const struct price_ops *o, const struct price_plan *plan,
              const struct price_question *q, int n, struct price_answer *a)
{
    int place[n > 0 ? n : 1];
    double *sorted[n > 0 ? n : 1], ns;
    int error = o->pin(o->machine, plan->core);
    if (error)
        return error;
    for (int i = 0; i < n; i++) {
        a[i] = (struct price_answer){0};
        sorted[i] = malloc(sizeof(double) * (size_t)(plan->samples + 1));
        place[i] = prepare_place(o, &q[i]);
        if (place[i] < 0)
            a[i].error = place[i];
    }
    double clock = empty_interval(o);
    for (int s = 0; s < plan->warm + plan->samples; s++)
        for (int i = n - 1; i >= 0; i--) {
            if (a[i].error)
                continue;
            a[i].error = one(o, place[i], q[i].until, &ns);
            if (!a[i].error && s >= plan->warm)
                insert(sorted[i], a[i].samples++, ns - clock);
        }
    for (int i = 0; i < n; i++) {
        int k = a[i].samples;
        if (place[i] >= 0)
            o->unmap(o->machine, place[i]);
        if (!a[i].error && k > 0) {
            a[i].median = middle(sorted[i], k);
            a[i].low = sorted[i][(k - 1) / 4];
            a[i].high = sorted[i][3 * (k - 1) / 4];
        }
        free(sorted[i]);
    }
    o->pin(o->machine, -1);
    return 0;
}

// ---------------------------------------------------------------------- 2. fit

enum { K = PRICE_TERMS };

// A row divided by its cost, so that every right side is 1.
static void
relative(const struct price_row *r, double x[K])
{
    double c = r->cost > 0 ? r->cost : 1e-9;
    x[0] = 1 / c;
    x[1] = r->mappings / c;
    x[2] = r->tables / c;
    x[3] = r->pages / c;
    x[4] = r->dirty / c;
}

// Least squares by modified Gram-Schmidt on the columns of the rows in `use`.
static int
gram_schmidt(const struct price_row *rows, const int *use, int n, double b[K])
{
    double *q = malloc(sizeof(double) * (size_t)(n * (K + 1)));
    double r[K][K + 1], length[K];
    int error = q ? 0 : -ENOMEM;
    for (int i = 0; i < n && !error; i++) {
        relative(&rows[use[i]], q + i * (K + 1));
        q[i * (K + 1) + K] = 1;
    }
    for (int c = 0; c < K && !error; c++) {
        length[c] = 0;
        for (int i = 0; i < n; i++)
            length[c] += pow(q[i * (K + 1) + c], 2);
        if (length[c] <= 0)
            error = -EDOM;
    }
    for (int c = 0; c < K && !error; c++) {
        double left = 0;
        for (int i = 0; i < n; i++)
            left += pow(q[i * (K + 1) + c], 2);
        if (left < 1e-12 * length[c]) {
            error = -EDOM;
            break;
        }
        r[c][c] = sqrt(left);
        for (int i = 0; i < n; i++)
            q[i * (K + 1) + c] /= r[c][c];
        for (int d = c + 1; d <= K; d++) {
            r[c][d] = 0;
            for (int i = 0; i < n; i++)
                r[c][d] += q[i * (K + 1) + c] * q[i * (K + 1) + d];
            for (int i = 0; i < n; i++)
                q[i * (K + 1) + d] -= r[c][d] * q[i * (K + 1) + c];
        }
    }
    for (int c = K - 1; c >= 0 && !error; c--) {
        b[c] = r[c][K];
        for (int d = c + 1; d < K; d++)
            b[c] -= r[c][d] * b[d];
        b[c] /= r[c][c];
    }
    free(q);
    return error;
}

static double
says(const double b[K], const struct price_row *r)
{
    return b[0] + b[1] * r->mappings + b[2] * r->tables + b[3] * r->pages +
           b[4] * r->dirty;
}

static double
off(const double b[K], const struct price_row *r)
{
    double y = says(b, r);
    return y > 0 ? fabs(r->cost / y - 1) : 1e9;
}

static int
ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double
quantile_off(const double b[K], const struct price_row *rows, int n, double *d)
{
    for (int i = 0; i < n; i++)
        d[i] = off(b, &rows[i]);
    qsort(d, (size_t)n, sizeof(*d), ascending);
    return d[n * 7 / 10];
}

// Of many exact fits to a few rows, the one that most rows are near to.
static void
search(const struct price_row *rows, int n, double best[K], double *room)
{
    double least = 1e300, b[K];
    unsigned seed = 1;
    int use[2 * K];
    for (int t = 0; t < 3000; t++) {
        for (int i = 0; i < K + 3; i++) {
            seed = seed * 1664525u + 1013904223u;
            use[i] = (int)((seed >> 8) % (unsigned)n);
        }
        if (gram_schmidt(rows, use, K + 3, b) < 0)
            continue;
        double q = quantile_off(b, rows, n, room);
        if (q < least) {
            least = q;
            memcpy(best, b, sizeof(b));
        }
    }
}

int
price_fit(const struct price_row *rows, int n, struct price_model *m)
{
    memset(m, 0, sizeof(*m));
    if (n <= K)
        return -EINVAL;
    int *use = malloc(sizeof(int) * (size_t)n);
    double *room = malloc(sizeof(double) * (size_t)n);
    for (int i = 0; i < n; i++)
        use[i] = i;
    int error = gram_schmidt(rows, use, n, m->each), kept = 0;
    if (!error)
        search(rows, n, m->each, room);
    for (int t = 0; t < 6 && !error; t++) {
        kept = 0;
        for (int i = 0; i < n; i++)
            if (off(m->each, &rows[i]) <= 0.25)
                use[kept++] = i;
        error = kept > K ? gram_schmidt(rows, use, kept, m->each) : -EDOM;
    }
    double mean = 0, left = 0, all = 0;
    for (int i = 0; i < kept; i++)
        mean += rows[use[i]].cost / kept;
    for (int i = 0; i < kept; i++) {
        left += pow(rows[use[i]].cost - says(m->each, &rows[use[i]]), 2);
        all += pow(rows[use[i]].cost - mean, 2);
    }
    m->outliers = n - kept;
    m->r2 = all > 0 ? 1 - left / all : 0;
    free(use);
    free(room);
    return error;
}

// -------------------------------------------------------------------- 3. spawn

// In the child, before the program is.  Async-signal-safe all of it, and what
// it writes to is of the caller's stack frame alone.
static int
arrange(const struct price_need *need)
{
    for (int i = 0; i < need->nfds; i++)
        if (dup2(need->fds[i].parent, need->fds[i].child) < 0)
            return errno;
    if (need->cwd && chdir(need->cwd) < 0)
        return errno;
    execve(need->path, need->argv, need->envp ? need->envp : environ);
    return errno;
}

static int
by_vfork(const struct price_need *need, struct price_child *c)
{
    volatile int why = 0;
    pid_t pid = vfork();
    if (pid == 0) {
        why = arrange(need);
        _exit(127);
    }
    if (pid < 0)
        return -errno;
    c->pid = pid;
    if (why)
        waitpid(pid, NULL, 0);
    return -why;
}

static pid_t
lean_fork(const struct price_need *need)
{
    for (int i = 0; i < need->nunneeded; i++)
        madvise(need->unneeded[i].start, need->unneeded[i].length,
                MADV_DONTFORK);
    pid_t pid = fork();
    int error = errno;
    for (int i = 0; i < need->nunneeded && pid != 0; i++)
        madvise(need->unneeded[i].start, need->unneeded[i].length,
                MADV_DOFORK);
    errno = error;
    return pid;
}

// The errno comes back in a page that both see.
static int
by_fork(const struct price_need *need, struct price_child *c)
{
    struct said {
        volatile int why;
    } *said = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int p[2], error = 0;
    char byte;
    if (said == MAP_FAILED)
        return -errno;
    // Its end says that the program has been started, or that it never will.
    if (pipe2(p, O_CLOEXEC) < 0) {
        error = errno;
        munmap(said, 4096);
        return -error;
    }
    int high = fcntl(p[1], F_DUPFD_CLOEXEC, 100);
    close(p[1]);
    pid_t pid = lean_fork(need);
    if (pid == 0) {
        said->why = need->prepare(need->arg);
        if (!said->why)
            said->why = arrange(need);
        _exit(127);
    }
    error = pid < 0 ? errno : 0;
    close(high);
    while (pid > 0 && read(p[0], &byte, 1) < 0 && errno == EINTR)
        continue;
    close(p[0]);
    if (pid > 0 && (error = said->why) != 0)
        waitpid(pid, NULL, 0);
    munmap(said, 4096);
    c->pid = pid;
    return -error;
}

struct helper {
    int (*run)(void *);
    void *arg, *stack;
};

static void *
help(void *p)
{
    struct helper h = *(struct helper *)p;
    return (void *)(intptr_t)(h.run(h.arg) & 255);
}

static int
beside(const struct price_need *need, struct price_child *c)
{
    struct helper *h = malloc(sizeof(*h));
    if (!h)
        return -ENOMEM;
    *h = (struct helper){need->run, need->arg, NULL};
    c->own = h;
    if (!need->pidfd) {
        int error = pthread_create(&c->thread, NULL, help, h);
        if (error)
            free(h);
        return -error;
    }
    h->stack = malloc(128 << 10);
    c->pid = h->stack ? clone(need->run, (char *)h->stack + (128 << 10),
                              CLONE_VM | CLONE_FILES | SIGCHLD, need->arg)
                      : -1;
    if (c->pid < 0) {
        int error = errno;
        free(h->stack);
        free(h);
        return -error;
    }
    return 0;
}

int
price_spawn(const struct price_need *need, struct price_child *c)
{
    int error;
    memset(c, 0, sizeof(*c));
    c->pidfd = -1;
    if (need->path ? need->prepare != NULL : !need->shared) {
        if (need->threads && !need->safe)
            return -EDEADLK;
        if (need->path) {
            error = by_fork(need, c);
        } else {
            c->pid = lean_fork(need);
            if (c->pid == 0)
                _exit(need->run(need->arg) & 255);
            error = c->pid < 0 ? -errno : 0;
        }
    } else {
        error = need->path ? by_vfork(need, c) : beside(need, c);
    }
    if (!error && need->pidfd)
        c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
    return error;
}

int
price_wait(struct price_child *c, int *status)
{
    struct helper *h = c->own;
    void *value;
    siginfo_t info;
    if (c->pid == 0) {
        pthread_join(c->thread, &value);
        *status = (int)(intptr_t)value;
    } else {
        while (waitid(P_PID, (id_t)c->pid, &info, WEXITED) < 0)
            if (errno != EINTR)
                return -errno;
        *status = info.si_code == CLD_EXITED ? info.si_status
                                             : 128 + info.si_status;
    }
    if (h)
        free(h->stack);
    free(h);
    if (c->pidfd >= 0)
        close(c->pidfd);
    return 0;
}
