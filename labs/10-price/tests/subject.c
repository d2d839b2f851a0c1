// SPDX-License-Identifier: MIT
// subject.c -- the program that your price.c is linked with.  It calls your
// functions as the judge (descriptor 3) orders, and hands on what they ask and
// answer.  What really happened the judge sees for itself.  Book: chapter 10.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "talk.h"

static struct order order;
static struct word word;

static void
hear(void *buf, size_t size)
{
    ssize_t n;
    do
        n = recv(TALK_FD, buf, size, 0);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)size)
        _exit(0);  // the judge has heard enough
}

static void
say(const struct word *w)
{
    while (send(TALK_FD, w, sizeof(*w), MSG_NOSIGNAL) < 0)
        if (errno != EINTR)
            _exit(110);
}

static int64_t
ask(const struct word *w)
{
    int64_t reply;
    say(w);
    hear(&reply, sizeof(reply));
    return reply;
}

// ------------------------------------------------------- price_ops, by asking

static int64_t
ask3(enum op op, int64_t a, int64_t b, int64_t c)
{
    struct word w = {.op = op, .a = a, .b = b, .c = c};
    return ask(&w);
}

static int64_t
ask_now(void *m)
{
    (void)m;
    return ask3(OP_NOW, 0, 0, 0);
}

static int
ask_pin(void *m, int core)
{
    (void)m;
    return (int)ask3(OP_PIN, core, 0, 0);
}

static int
ask_map(void *m, size_t pages)
{
    (void)m;
    return (int)ask3(OP_MAP, (int64_t)pages, 0, 0);
}

static int
ask_advise(void *m, int place, enum price_pages kind)
{
    (void)m;
    return (int)ask3(OP_ADVISE, place, kind, 0);
}

static int
ask_touch(void *m, int place, size_t first, size_t count)
{
    (void)m;
    return (int)ask3(OP_TOUCH, place, (int64_t)first, (int64_t)count);
}

static long
ask_huge(void *m, int place)
{
    (void)m;
    return (long)ask3(OP_HUGE, place, 0, 0);
}

static int
ask_fork(void *m, int place)
{
    (void)m;
    return (int)ask3(OP_FORK, place, 0, 0);
}

static int
ask_ended(void *m, int child)
{
    (void)m;
    return (int)ask3(OP_ENDED, child, 0, 0);
}

static int
ask_reap(void *m, int child)
{
    (void)m;
    return (int)ask3(OP_REAP, child, 0, 0);
}

static int
ask_unmap(void *m, int place)
{
    (void)m;
    return (int)ask3(OP_UNMAP, place, 0, 0);
}

static void
measure(void)
{
    static const struct price_ops ops = {
        NULL, ask_now, ask_pin, ask_map, ask_advise, ask_touch, ask_huge,
        ask_fork, ask_ended, ask_reap, ask_unmap,
    };
    struct measure_order *m = &order.measure;
    memset(&word, 0xee, sizeof(word));  // what an answer is, price.c has to say
    word.returned = price_measure(&ops, &m->plan, m->questions, m->n,
                                  word.answers);
    word.op = OP_ANSWER;
    say(&word);
}

static void
fit(void)
{
    memset(&word, 0xee, sizeof(word));
    word.returned = price_fit(order.fit.rows, order.fit.n, &word.model);
    word.op = OP_ANSWER;
    say(&word);
}

// ---------------------------------------------------------------------- spawn

static volatile int value;   // what children read and write
static volatile struct {     // shared: how many
    int exits;               // have run atexit()'s functions
    int strange;             // calls had another argument than need->arg
} *seen;
static int gate[2];          // a byte lets a function go on
static char *spans[SPANS], *ballast;

static void
count_exit(void)
{
    if (seen)
        ++seen->exits;
}

static char argument;        // what prepare() and run() are to be called with

static void
check(const void *arg)
{
    if (arg != &argument)
        ++seen->strange;
}

static int
prepare(void *arg)
{
    check(arg);
    value = order.spawn.later;
    return order.spawn.prepare == PREPARE_FAILS ? order.spawn.error : 0;
}

static bool
is_there(const char *span)
{
    unsigned char in[1];
    return span && mincore((void *)(uintptr_t)span, 4096, in) == 0;
}

// Waits for the gate, then says what it sees: 7 bits of the variable, and
// whether the memory that is not needed is there.  Then it writes.
static int
run(void *arg)
{
    char c;
    check(arg);
    while (syscall(SYS_read, gate[0], &c, 1L) < 0)
        continue;
    int saw = value & 127;
    for (int i = 0; i < order.spawn.nspans; i++)
        if (is_there(spans[i]))
            saw |= 128;
    value = value + 1000;
    return saw;
}

static void *
sleeper(void *arg)
{
    for (;;)
        pause();
    return arg;
}

static char *
take(size_t bytes)
{
    char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        _exit(111);
    madvise(p, bytes, MADV_NOHUGEPAGE);
    memset(p, 1, bytes);
    return p;
}

static void
set_up(const struct spawn_order *s)
{
    static bool done;
    pthread_t id;
    if (!done) {
        seen = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (seen == MAP_FAILED || pipe(gate) < 0 || atexit(count_exit))
            _exit(111);
        if (s->threads && pthread_create(&id, NULL, sleeper, NULL))
            _exit(111);
    }
    done = true;
    for (int i = 0; i < s->nspans; i++)
        if (!spans[i])
            spans[i] = take(s->spans[i]);
    if (s->ballast && !ballast)
        ballast = take(s->ballast);
    seen->exits = 0;
    seen->strange = 0;
    value = s->value;
}

static void
spawn(void)
{
    struct spawn_order *s = &order.spawn;
    char *argv[WORDS + 1] = {NULL}, *env[WORDS + 1] = {NULL};
    struct price_span unneeded[SPANS];
    struct price_child child;
    memset(&word, 0, sizeof(word));
    set_up(s);
    for (int i = 0; i < s->argc; i++)
        argv[i] = s->argv[i];
    for (int i = 0; i < s->envc; i++)
        env[i] = s->env[i];
    for (int i = 0; i < s->nspans; i++) {
        unneeded[i] = (struct price_span){spans[i], s->spans[i]};
        word.spawn.spans[i] = spans[i];
    }
    struct price_need need = {
        .path = s->argc ? s->path : NULL,
        .argv = argv,
        .envp = s->envc < 0 ? NULL : env,
        .cwd = *s->cwd ? s->cwd : NULL,
        .fds = s->fds,
        .nfds = s->nfds,
        .prepare = s->prepare ? prepare : NULL,
        .run = s->argc ? NULL : run,
        .shared = s->shared,
        .arg = &argument,
        .pidfd = s->pidfd,
        .threads = s->threads,
        .safe = s->safe,
        .unneeded = unneeded,
        .nunneeded = s->nspans,
    };
    memset(&child, 0xee, sizeof(child));
    word.op = SPAWN_READY;
    ask(&word);
    word.returned = price_spawn(&need, &child);
    word.op = SPAWN_CALLED;
    word.spawn.pid = child.pid;
    word.spawn.pidfd = child.pidfd;
    word.spawn.value = value;
    word.spawn.exits = seen->exits;
    word.spawn.strange = seen->strange;
    ask(&word);
    if (word.returned != 0)
        return;
    if (!s->argc)
        value = s->later;
    if (write(gate[1], "", 1) != 1)
        _exit(112);
    word.returned = price_wait(&child, &word.spawn.status);
    word.op = SPAWN_WAITED;
    word.spawn.value = value;
    word.spawn.exits = seen->exits;
    word.spawn.strange = seen->strange;
    // A program takes no byte; the next function is to wait for its own.
    char c;
    if (s->argc && read(gate[0], &c, 1) != 1)
        _exit(112);
    say(&word);
}

int
main(void)
{
    for (;;) {
        hear(&order, sizeof(order));
        if (order.job == JOB_MEASURE)
            measure();
        else if (order.job == JOB_FIT)
            fit();
        else
            spawn();
    }
}
