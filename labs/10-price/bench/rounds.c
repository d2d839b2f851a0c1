// SPDX-License-Identifier: MIT
// rounds.c -- all rows, round after round.  Called by main.c; the samples are
// taken by ways.c.  Book: chapter 10.
//
// Each place is a process of its own, made once: taking 1 GB anew for every
// sample would cost more than all the forks.  This process asks the places in
// turn for a few samples of one row, all rows in a round, in an order that is
// new in every round.  Whatever the machine does meanwhile, it does to all
// rows alike.
#include "rounds.h"
#include "clock.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct question {
    enum way way;
    enum writer who;
    long pages;
    double visit_us;
};

struct reply {
    int error, count;
    struct sample samples[VISIT];
};

struct hello {
    int error;
    struct held held;
};

struct goodbye {
    long made, reaped, left;
};

enum { PATIENCE_MS = 120000 };  // with a place that says nothing

// --------------------------------------------------- the place's side

// Where the pages lie that are to be written to: spread over all of the
// memory, and off the borders of huge pages, whose first page is no different.
static struct after
where(const struct question *q, const struct held *h)
{
    struct after a = {.who = q->who, .base = h->base, .pages = q->pages};
    if (q->pages > 0 && h->base)
        a.step = h->bytes / (size_t)q->pages / 4096 * 4096;
    return a;
}

static void
answer(struct maker *m, const struct held *held, const struct question *q,
       struct reply *r)
{
    struct after after = where(q, held);
    struct sample warm_up;
    r->count = 0;
    // The first one finds the caches as another row left them, and pages as
    // another writer did.
    r->error = -way_once(m, q->way, &after, &warm_up);
    double start = wall_us();
    while (!r->error && r->count < VISIT) {
        r->error = -way_once(m, q->way, &after, &r->samples[r->count]);
        if (!r->error)
            r->count++;
        if (wall_us() - start > q->visit_us)
            break;
    }
}

// A whole message, or not: they are shorter than PIPE_BUF.
static int
take(int fd, void *message, size_t size)
{
    ssize_t n;
    do
        n = read(fd, message, size);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)size;
}

_Noreturn static void
place_main(const struct place *p, int ask, int reply_to)
{
    struct maker maker;
    struct hello hello = {0};
    struct goodbye bye = {0};
    struct question q;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // Its descriptors are 3 and 4, and no others: the pipes of its elder
    // siblings would be copied with every fork, and never be closed.  Above
    // 300 no pipe is in the way (MOST_PLACES).
    if (dup2(ask, 300) < 0 || dup2(reply_to, 301) < 0 || dup2(300, 3) < 0 ||
        dup2(301, 4) < 0)
        _exit(1);
    for (int fd = 5; fd < 1024; fd++)
        close(fd);
    hello.error = -maker_open(&maker);
    if (!hello.error)
        hello.error = -hold(&hello.held, p->kind, p->amount);
    if (write(4, &hello, sizeof hello) != sizeof hello)
        _exit(1);
    while (!hello.error && take(3, &q, sizeof q)) {
        static struct reply r;
        answer(&maker, &hello.held, &q, &r);
        if (write(4, &r, sizeof r) != sizeof r)
            _exit(1);
    }
    bye.left = maker_close(&maker);
    bye.made = maker.made;
    bye.reaped = maker.reaped;
    _exit(write(4, &bye, sizeof bye) != sizeof bye);
}

// ----------------------------------------------------- this process' side

static int
hear(const struct place *p, void *message, size_t size)
{
    struct pollfd fd = {.fd = p->answer, .events = POLLIN};
    int n;
    do
        n = poll(&fd, 1, PATIENCE_MS);
    while (n < 0 && errno == EINTR);
    return n == 1 && take(p->answer, message, size);
}

static int
start(struct place *p)
{
    int ask[2], back[2];
    struct hello hello;
    if (pipe(ask) < 0)
        return -errno;
    if (pipe(back) < 0) {
        int error = errno;
        close(ask[0]);
        close(ask[1]);
        return -error;
    }
    p->pid = fork();
    if (p->pid == 0)
        place_main(p, ask[0], back[1]);
    int error = p->pid < 0 ? errno : 0;
    close(ask[0]);
    close(back[1]);
    p->ask = ask[1];
    p->answer = back[0];
    if (error || !hear(p, &hello, sizeof hello))
        return error ? -error : -EPIPE;
    p->error = hello.error;
    p->held = hello.held;
    return 0;
}

// The place hears the end of its pipe, counts its children, and goes.
static void
stop(struct place *p)
{
    struct goodbye bye;
    if (p->pid <= 0)
        return;
    close(p->ask);
    if (hear(p, &bye, sizeof bye)) {
        p->made = bye.made;
        p->reaped = bye.reaped;
        p->left = bye.left;
    } else {
        kill(p->pid, SIGKILL);  // our own child, and it does not answer
        p->left = -1;
    }
    close(p->answer);
    waitpid(p->pid, NULL, 0);
}

static void
least(double *so_far, double value)
{
    if (*so_far == 0 || value < *so_far)
        *so_far = value;
}

static int
visit(struct plan *p, struct row *r, double visit_us)
{
    struct place *at = &p->places[r->place];
    struct question q = {r->way, r->who, r->pages, visit_us};
    static struct reply a;
    if (r->error || (r->error = at->error))
        return 0;
    if (write(at->ask, &q, sizeof q) != sizeof q ||
        !hear(at, &a, sizeof a))
        return -EPIPE;
    if ((r->error = a.error) || a.count == 0)
        return 0;
    for (int i = 0; i < a.count; i++) {
        r->samples[r->count++] = a.samples[i];
        least(&r->set_core[r->rounds % SETS], a.samples[i].core);
        least(&r->set_wall[r->rounds % SETS], a.samples[i].wall);
    }
    r->rounds++;
    return 0;
}

static void
shuffle(int *order, int n, unsigned *seed)
{
    for (int i = n - 1; i > 0; i--) {
        *seed = *seed * 1103515245u + 12345u;
        int j = (int)((*seed >> 8) % (unsigned)(i + 1)), t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
}

static int
all_rounds(struct plan *p, struct timing *t, double begin, char *why,
           size_t size)
{
    int order[MOST_ROWS];
    unsigned seed = 10;
    double longest = 0;
    for (int i = 0; i < p->n_rows; i++)
        order[i] = i;
    for (t->rounds = 0; t->rounds < t->most; t->rounds++) {
        double now = wall_us();
        if (t->rounds >= t->least && now - begin + longest > t->seconds * 1e6)
            break;
        shuffle(order, p->n_rows, &seed);
        for (int i = 0; i < p->n_rows; i++) {
            struct row *r = &p->rows[order[i]];
            if (visit(p, r, t->visit_us) < 0) {
                snprintf(why, size, "%s: the process that was to measure it "
                         "is gone, or silent for %d s", r->name,
                         PATIENCE_MS / 1000);
                return -EPIPE;
            }
        }
        if (wall_us() - now > longest)
            longest = wall_us() - now;
        if (t->verbose)
            fprintf(stderr, "\rround %d, %.0f s ", t->rounds + 1,
                    (wall_us() - begin) / 1e6);
    }
    if (t->verbose)
        fprintf(stderr, "\r%20s\r", "");
    return 0;
}

int
rounds_run(struct plan *p, struct timing *t, char *why, size_t size)
{
    double begin = wall_us();
    int error = 0;
    size_t each = MOST_ROUNDS * VISIT * sizeof(struct sample);
    // Our own medicine: the places are not to inherit this.
    char *store = mmap(NULL, each * (size_t)p->n_rows, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (store == MAP_FAILED ||
        madvise(store, each * (size_t)p->n_rows, MADV_DONTFORK) < 0) {
        snprintf(why, size, "no memory for the samples");
        return -ENOMEM;
    }
    for (int i = 0; i < p->n_rows; i++)
        p->rows[i].samples = (void *)(store + each * (size_t)i);
    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < p->n_places && !error; i++)
        if ((error = start(&p->places[i])) < 0)
            snprintf(why, size, "could not set up %ld %s (%s): %s",
                     p->places[i].amount, kinds[p->places[i].kind].unit,
                     kinds[p->places[i].kind].text, strerror(-error));
    if (!error)
        error = all_rounds(p, t, begin, why, size);
    for (int i = 0; i < p->n_places; i++)
        stop(&p->places[i]);
    t->took = (wall_us() - begin) / 1e6;
    return error;
}
