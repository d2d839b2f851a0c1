// SPDX-License-Identifier: MIT
// steps.c -- the scheduler under which a submission runs; see steps.h, sched.h.
//
// Of a process's threads exactly one runs at a time, the others wait for their
// turn; so the scheduler's own data needs no lock.  That holds for a thread's
// beginning and for its end, too: a thread that is done waits until another has
// nothing else to do than to see it go (reap()), for pthread_exit() takes locks
// of the C library and of libgcc's unwinder that no fork handler of theirs
// frees in a child.  Locks are real ones, taken
// by trylock: whether a thread of the child may unlock or take one is decided
// by the C library.  Condition variables are kept here, for the order in which
// waiters are woken has to be known.  A thread whose process has no thread that
// could ever wake it is found at once, without any clock.  Book: chapter 5.
#define STEPS_INSIDE
#include "steps.h"

#include <errno.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "sched.h"

enum {
    LOCKS = 64,
    BUDGET = 400000,  // steps of a process
    PATIENCE = 600,   // steps of a thread before another gets its turn
};

enum state {
    FREE, READY, LOCKING, WAITING, TIMED, JOINING, DESTROYING, STARTING,
    MEETING, AT_GATE, ENDED, GONE,
};

struct thread {
    enum state state;
    uintptr_t on;        // the object that it waits for
    uint32_t ticket;     // order of waiting
    uintptr_t left;      // dead: the condition that woke it in vain
    struct place at;
    char who[16];
    pthread_t id;
    void *(*call)(void *);
    void *arg, *result;
    sem_t turn;
    bool inherited, joined;
    bool lingers;        // has ended, and waits for reap()
};

struct lock {
    const pthread_mutex_t *mutex;
    int owner, line;
    unsigned generation;  // in which it was taken
};

struct run *sched_run;
static struct thread threads[THREADS];
static int nthreads;
static unsigned char nworkers;
static __thread int self = -1;
static sem_t begun;          // posted by a new thread, for its maker
static bool on;
static int first_turn = -1;  // who goes before all others, if ready
static int forker = -1;      // who forked this process
static unsigned generation, process, tickets, conds;
static struct lock locks[LOCKS];
static unsigned steps, turn_steps;
static bool gate_closed;
static unsigned gate_steps, gate_at;
static uint64_t random_state;
static struct {
    uint32_t cond;
    int line;
    char who[16];
} lost;                      // the last signal that went to nobody

// ---------------------------------------------------------------- the record

void
sched_note(enum what what, uint32_t arg, int line, const void *object)
{
    struct run *r = sched_run;
    if (!r || !on)
        return;
    uint32_t i = __atomic_fetch_add(&r->nevents, 1, __ATOMIC_RELAXED);
    if (i >= EVENTS) {
        r->nevents = EVENTS;
        r->overflow = true;
        return;
    }
    r->events[i] = (struct event){
        .what = (uint8_t)what, .process = (uint8_t)process,
        .thread = (uint8_t)self, .line = line, .arg = arg,
        .object = (uint32_t)(uintptr_t)object,
    };
}

static void
put(char *to, size_t size, const char *text)
{
    size_t n = strnlen(text, size - 1);
    memcpy(to, text, n);
    to[n] = '\0';
}

static void
stand(const char *call, const char *text, int line)
{
    struct place *at = &threads[self].at;
    put(at->call, sizeof(at->call), call);
    put(at->text, sizeof(at->text), text ? text : "");
    at->line = line;
    at->pc = 0;
}

unsigned
sched_process(void)
{
    return process;
}

unsigned
sched_self(void)
{
    return (unsigned)self;
}

unsigned
sched_generation(void)
{
    return generation;
}

// ------------------------------------------------------------------ the turns

uint64_t
sched_random(void)
{
    uint64_t z = (random_state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static void
wait_for(sem_t *sem)
{
    while (sem_wait(sem) < 0)
        continue;
}

static void
hand_to(int next)
{
    int me = self;
    turn_steps = 0;
    if (next == me)
        return;
    sem_post(&threads[next].turn);
    wait_for(&threads[me].turn);
}

// Who is next.  -1: nobody can go on.
static int
choose(void)
{
    if (first_turn >= 0 && threads[first_turn].state == READY)
        return first_turn;
    int ready[THREADS], n = 0;
    for (int i = 1; i <= nthreads; i++) {
        int t = (self + i) % nthreads;
        if (threads[t].state == READY)
            ready[n++] = t;
    }
    if (n > 0)
        return ready[random_state ? sched_random() % (unsigned)n : 0];
    for (int t = 0; t < nthreads; t++)
        if (threads[t].state == AT_GATE) {
            gate_closed = false;
            threads[t].state = READY;
            return t;
        }
    for (int t = 0; t < nthreads; t++)
        if (threads[t].state == TIMED) {
            threads[t].state = READY;
            threads[t].ticket = 0;  // its time is up
            return t;
        }
    return -1;
}

static void
tell_lock(struct waits *w, const struct thread *t)
{
    for (int i = 0; i < LOCKS; i++) {
        const struct lock *l = &locks[i];
        if ((uintptr_t)l->mutex != t->on || l->owner < 0)
            continue;
        put(w->owner, sizeof(w->owner), threads[l->owner].who);
        w->owner_line = l->line;
        w->owner_self = &threads[l->owner] == t;
        w->owner_gone = threads[l->owner].state == GONE;
        w->owner_forked = l->owner == forker && l->generation < generation;
    }
}

// No thread of this process will ever go on.
static _Noreturn void
give_up(void)
{
    struct run *r = sched_run;
    if (!r->stuck) {
        r->stuck = true;
        r->stuck_process = process;
        for (int i = 0; i < nthreads && r->nstuck < STUCK; i++) {
            struct thread *t = &threads[i];
            if (t->state == GONE || t->state == ENDED || t->state == FREE)
                continue;
            struct waits *w = &r->waits[r->nstuck++];
            put(w->who, sizeof(w->who), t->who);
            put(w->call, sizeof(w->call), t->at.call);
            put(w->text, sizeof(w->text), t->at.text);
            w->line = t->at.line;
            if (t->state == LOCKING)
                tell_lock(w, t);
            if (t->state == JOINING || t->state == STARTING) {
                put(w->owner, sizeof(w->owner), threads[t->ticket].who);
                w->owner_gone = threads[t->ticket].state == GONE;
                w->owner_self = threads[t->ticket].state != GONE &&
                                &threads[t->ticket] == t;
            }
            if (t->state == DESTROYING)
                w->owner_gone = true;
            if (lost.line)  {
                w->lost_line = lost.line;
                put(w->lost, sizeof(w->lost), lost.who);
            }
        }
    }
    _exit(EXIT_STUCK);
}

// Wait, as `state`, until somebody makes this thread ready again.
static void
block(enum state state, const void *object)
{
    struct thread *t = &threads[self];
    t->state = state;
    t->on = (uintptr_t)object;
    int next = choose();
    if (next < 0)
        give_up();
    hand_to(next);
}

static void
ready_all(enum state state, const void *object)
{
    for (int i = 0; i < nthreads; i++)
        if (threads[i].state == state && threads[i].on == (uintptr_t)object)
            threads[i].state = READY;
}

static void
open_gate(bool reached)
{
    struct run *r = sched_run;
    gate_closed = false;
    r->gate_reached = reached;
    for (int i = 0; i < nthreads; i++) {
        struct thread *t = &threads[i];
        if (t->state == AT_GATE) {
            t->state = READY;
            first_turn = i;
        } else if (t->state != FREE && t->state != ENDED && t->state != GONE) {
            struct place *p = &r->at_gate[r->nat_gate++];
            *p = t->at;
            put(p->who, sizeof(p->who), t->who);
        }
    }
    sched_note(DID_GATE, gate_steps, 0, NULL);
}

// A step has been made: perhaps it is another's turn now.
static void
step(void)
{
    if (!on)
        return;
    if (++steps > BUDGET) {
        sched_run->spins = threads[self].at;
        put(sched_run->spins.who, sizeof(sched_run->spins.who),
            threads[self].who);
        sched_run->spins_process = process;
        _exit(EXIT_SPINS);
    }
    if (gate_closed && threads[self].state == READY) {
        if (gate_steps == gate_at)
            open_gate(true);
        gate_steps++;
    }
    bool other = first_turn >= 0 && first_turn != self &&
                 threads[first_turn].state == READY;
    if (++turn_steps > PATIENCE)
        first_turn = -1, other = true;
    if (random_state && sched_random() % 6 == 0)
        other = true;
    if (other) {
        int next = choose();
        if (next >= 0)
            hand_to(next);
    }
}

static void
step_at(const char *call, const char *text, int line)
{
    if (on)
        stand(call, text, line);
    step();
}

// ------------------------------------------------------------- for the subject

void
sched_gate(void)
{
    gate_closed = true;
    gate_steps = 0;
    stand("fork", "", 0);
    block(AT_GATE, NULL);
    gate_closed = false;
    first_turn = self;
}

bool
sched_gate_reached(void)
{
    return sched_run->gate_reached;
}

void
sched_let_go(void)
{
    first_turn = -1;
}

void
sched_block(const char *call, const void *object)
{
    stand(call, "", 0);
    block(MEETING, object);
}

void
sched_wake(const void *object)
{
    ready_all(MEETING, object);
}

void
sched_step(void)
{
    step();
}

static void
renew(void)
{
    sem_destroy(&threads[self].turn);
    sem_init(&threads[self].turn, 0, 0);
}

// In the child of a fork: everybody else is gone.
static void
in_child(void)
{
    if (!on)
        return;
    int parent = (int)process;
    generation++;
    process = __atomic_fetch_add(&sched_run->nprocesses, 1, __ATOMIC_RELAXED);
    if (process >= PROCESSES)
        _exit(EXIT_BAD);
    sched_run->processes[process].parent = parent;
    sched_run->processes[process].pid = getpid();
    for (int i = 0; i < nthreads; i++) {
        threads[i].lingers = false;
        if (threads[i].state == ENDED)
            threads[i].inherited = true;
        else if (i != self && threads[i].state != FREE)
            threads[i].state = GONE;
    }
    forker = self;
    first_turn = -1;
    gate_closed = false;
    steps = turn_steps = 0;
    lost.line = 0;
    if (random_state)
        random_state ^= process * 0x9e3779b97f4a7c15;
    renew();
}

void
sched_begin(struct run *run, const struct order *order)
{
    sched_run = run;
    run->nprocesses = 1;
    run->processes[0].parent = -1;
    self = 0;
    nthreads = 1;
    put(threads[0].who, sizeof(threads[0].who), "main");
    threads[0].state = READY;
    threads[0].id = pthread_self();
    sem_init(&threads[0].turn, 0, 0);
    sem_init(&begun, 0, 0);
    gate_at = order->fork_at;
    random_state = order->random;
    on = true;
}

// Before anything of the submission's: our child handler has to be the first.
void
__tsan_init(void)
{
    static bool done;
    if (!done)
        pthread_atfork(NULL, NULL, in_child);
    done = true;
}

__attribute__((constructor(101))) static void
begin_early(void)
{
    __tsan_init();
}

// --------------------------------------------------------------------- mutexes

static struct lock *
lock_of(const pthread_mutex_t *m)
{
    struct lock *unused = NULL;
    for (int i = 0; i < LOCKS; i++) {
        if (locks[i].mutex == m)
            return &locks[i];
        if (!unused && (!locks[i].mutex || locks[i].owner < 0))
            unused = &locks[i];
    }
    if (!unused)
        _exit(EXIT_BAD);
    *unused = (struct lock){m, -1, 0, 0};
    return unused;
}

static void
owned(pthread_mutex_t *m, int owner, int line)
{
    *lock_of(m) = (struct lock){m, owner, line, generation};
    if (owner >= 0)
        sched_note(DID_LOCK, 0, line, m);
}

// Would locking it again be an error, and not a deadlock?
static bool
is_error_to_lock(const pthread_mutex_t *m)
{
#ifdef __GLIBC__
    return (m->__data.__kind & 3) == PTHREAD_MUTEX_ERRORCHECK_NP &&
           m->__data.__owner == gettid();
#else
    (void)m;
    return false;
#endif
}

static int
take(pthread_mutex_t *m, int line)
{
    for (;;) {
        int e = pthread_mutex_trylock(m);
        if (e == 0 || e == EOWNERDEAD)
            owned(m, self, line);
        if (e != EBUSY)
            return e;
        if (is_error_to_lock(m))
            return EDEADLK;
        sched_note(DID_BLOCK, 0, line, m);
        block(LOCKING, m);
    }
}

int
step_mutex_init(pthread_mutex_t *m, const pthread_mutexattr_t *a, int line)
{
    step_at("pthread_mutex_init", NULL, line);
    int e = pthread_mutex_init(m, a);
    if (on && e == 0) {
        owned(m, -1, 0);
        ready_all(LOCKING, m);
    }
    return e;
}

int
step_mutex_lock(pthread_mutex_t *m, const char *text, int line)
{
    if (!on)
        return pthread_mutex_lock(m);
    step_at("pthread_mutex_lock", text, line);
    int e = take(m, line);
    step();
    return e;
}

int
step_mutex_trylock(pthread_mutex_t *m, const char *text, int line)
{
    if (!on)
        return pthread_mutex_trylock(m);
    step_at("pthread_mutex_trylock", text, line);
    int e = pthread_mutex_trylock(m);
    if (e == 0 || e == EOWNERDEAD)
        owned(m, self, line);
    else
        turn_steps = PATIENCE;
    step();
    return e;
}

int
step_mutex_unlock(pthread_mutex_t *m, const char *text, int line)
{
    if (!on)
        return pthread_mutex_unlock(m);
    step_at("pthread_mutex_unlock", text, line);
    int e = pthread_mutex_unlock(m);
    if (e == 0) {
        owned(m, -1, 0);
        sched_note(DID_UNLOCK, 0, line, m);
        ready_all(LOCKING, m);
    }
    step();
    return e;
}

// --------------------------------------------------------- condition variables
//
// A variable that somebody has waited for holds a number in its first word; one
// that was just made anew holds 0, however that was done.

static uint32_t *
number_of(pthread_cond_t *c)
{
    return (uint32_t *)(void *)c;
}

int
step_cond_init(pthread_cond_t *c, const pthread_condattr_t *a, int line)
{
    (void)a;
    step_at("pthread_cond_init", NULL, line);
    memset(c, 0, sizeof(*c));
    return 0;
}

static int
wait_on(pthread_cond_t *c, pthread_mutex_t *m, const char *text, int line,
        enum state state)
{
    if (!on)
        _exit(EXIT_STUCK);
    struct thread *t = &threads[self];
    step_at("pthread_cond_wait", text, line);
    if (*number_of(c) == 0)
        *number_of(c) = ++conds;
    int e = pthread_mutex_unlock(m);
    if (e != 0)
        return e;
    owned(m, -1, 0);
    sched_note(DID_WAIT, 0, line, m);
    ready_all(LOCKING, m);
    t->ticket = ++tickets;
    block(state, (void *)(uintptr_t)*number_of(c));
    bool late = state == TIMED && t->ticket == 0;
    stand("pthread_cond_wait", text, line);
    e = take(m, line);
    step();
    return e ? e : late ? ETIMEDOUT : 0;
}

int
step_cond_wait(pthread_cond_t *c, pthread_mutex_t *m, const char *text,
               int line)
{
    return wait_on(c, m, text, line, WAITING);
}

int
step_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const char *text,
                    int line)
{
    return wait_on(c, m, text, line, TIMED);
}

// The thread that has waited longest, the dead ones of the parent included: a
// variable that they waited for still counts them.
static int
longest(pthread_cond_t *c)
{
    int found = -1;
    uintptr_t number = *number_of(c);
    for (int i = 0; i < nthreads; i++) {
        const struct thread *t = &threads[i];
        if (number != 0 && t->on == number && t->ticket != 0 &&
            (t->state == WAITING || t->state == TIMED || t->state == GONE) &&
            (found < 0 || t->ticket < threads[found].ticket))
            found = i;
    }
    return found;
}

// A dead waiter is woken in vain; a living one goes on.
static void
wake_waiter(pthread_cond_t *c, int t)
{
    threads[t].on = 0;
    if (threads[t].state == GONE)
        threads[t].left = *number_of(c);
    else
        threads[t].state = READY;
}

int
step_cond_signal(pthread_cond_t *c, const char *text, int line)
{
    step_at("pthread_cond_signal", text, line);
    sched_note(DID_SIGNAL, 0, line, c);
    int t = on ? longest(c) : -1;
    if (t >= 0 && threads[t].state == GONE) {
        lost.line = line;
        put(lost.who, sizeof(lost.who), threads[t].who);
    }
    if (t >= 0)
        wake_waiter(c, t);
    step();
    return 0;
}

// POSIX lets a child do nothing with a variable that threads of its parent wait
// for.  glibc (before 2.41) wakes by groups, and before it wakes the next one
// it waits until those have left whom it woke: the first broadcast goes well,
// and the next one with a living waiter never returns.
static bool
waits_for_dead(pthread_cond_t *c)
{
    uintptr_t number = *number_of(c);
    bool living = false, dead = false;
    for (int i = 0; number != 0 && i < nthreads; i++) {
        const struct thread *t = &threads[i];
        living |= t->on == number &&
                  (t->state == WAITING || t->state == TIMED);
        dead |= t->state == GONE && t->left == number;
    }
    return living && dead;
}

int
step_cond_broadcast(pthread_cond_t *c, const char *text, int line)
{
    step_at("pthread_cond_broadcast", text, line);
    sched_note(DID_SIGNAL, 1, line, c);
    if (on && waits_for_dead(c))
        block(DESTROYING, c);
    for (int t; on && (t = longest(c)) >= 0;)
        wake_waiter(c, t);
    step();
    return 0;
}

int
step_cond_destroy(pthread_cond_t *c, const char *text, int line)
{
    step_at("pthread_cond_destroy", text, line);
    if (on && longest(c) >= 0)  // glibc's waits until they have left
        block(DESTROYING, c);
    memset(c, 0, sizeof(*c));
    return 0;
}

// --------------------------------------------------------------------- threads

static _Noreturn void
finish(void *result)
{
    struct thread *t = &threads[self];
    sched_note(DID_END, 0, 0, NULL);
    t->result = result;
    t->state = ENDED;
    ready_all(JOINING, t);
    int next = choose();
    bool others = false;
    for (int i = 0; i < nthreads; i++)
        others |= threads[i].state != FREE && threads[i].state != ENDED &&
                  threads[i].state != GONE;
    if (next < 0 && others)
        give_up();
    if (next < 0)
        exit(0);  // as the C library has it, when the last thread ends
    t->lingers = true;
    hand_to(next);
    pthread_exit(result);
}

// The thread of an entry that is joined, or is wanted for another, really ends,
// while the caller has the turn.
static void
reap(struct thread *t)
{
    if (!t->lingers)
        return;
    t->lingers = false;
    sem_post(&t->turn);
    pthread_join(t->id, NULL);
}

static void *
trampoline(void *arg)
{
    struct thread *t = arg;
    self = (int)(t - threads);
    sem_post(&begun);
    wait_for(&t->turn);
    finish(t->call(t->arg));
}

int
sched_create(pthread_t *id, const pthread_attr_t *attr, void *(*call)(void *),
             void *arg, const char *who, int line)
{
    int i = 0;
    while (i < nthreads && !(threads[i].state == ENDED && threads[i].joined))
        i++;
    if (i == THREADS)
        return EAGAIN;
    struct thread *t = &threads[i];
    int e;
    reap(t);
    memset(t, 0, sizeof(*t));
    t->call = call;
    t->arg = arg;
    put(t->who, sizeof(t->who), who);
    put(t->at.call, sizeof(t->at.call), "its beginning");
    sem_init(&t->turn, 0, 0);
    if ((e = pthread_create(&t->id, attr, trampoline, t)) != 0)
        return e;
    wait_for(&begun);
    *id = t->id;
    t->state = READY;
    if (i == nthreads)
        nthreads++;
    sched_note(DID_CREATE, (uint32_t)i, line, NULL);
    return 0;
}

int
step_create(pthread_t *id, const pthread_attr_t *attr, void *(*call)(void *),
            void *arg, int line)
{
    char who[20];
    step_at("pthread_create", NULL, line);
    if (!on)
        _exit(EXIT_BAD);
    snprintf(who, sizeof(who), "worker %u", ++nworkers);
    int e = sched_create(id, attr, call, arg, who, line);
    step();
    return e;
}

// Whom `id` names: a thread of this process, else one of its ancestors'.  (The
// C library gives an id again, once its thread does not exist.)
static int
thread_of(pthread_t id)
{
    int found = -1;
    for (int i = 0; i < nthreads; i++) {
        const struct thread *t = &threads[i];
        if (t->state == FREE || t->joined || !pthread_equal(t->id, id))
            continue;
        if (t->state != GONE && !t->inherited)
            return i;
        if (found < 0 || t->state == GONE)
            found = i;
    }
    return found;
}

int
step_join(pthread_t id, void **result, const char *text, int line)
{
    step_at("pthread_join", text, line);
    int found = thread_of(id);
    if (found < 0)
        return ESRCH;
    struct thread *t = &threads[found];
    if (found == self)
        return EDEADLK;
    threads[self].ticket = (uint32_t)found;
    while (t->state != ENDED)
        block(JOINING, t);
    t->joined = true;
    sched_note(DID_JOIN, (uint32_t)found, line, NULL);
    if (result)
        *result = t->result;
    reap(t);
    step();
    return 0;
}

int
step_detach(pthread_t id, int line)
{
    step_at("pthread_detach", NULL, line);
    for (int i = 0; i < nthreads; i++)
        if (threads[i].state != FREE && threads[i].state != GONE &&
            !threads[i].inherited && !threads[i].joined &&
            pthread_equal(threads[i].id, id)) {
            threads[i].joined = true;  // reaped when its entry is wanted
            return 0;
        }
    return 0;
}

void
step_thread_exit(void *result, int line)
{
    step_at("pthread_exit", NULL, line);
    finish(result);
}

int
step_once(pthread_once_t *once, void (*call)(void), const char *text, int line)
{
    int *o = once;
    _Static_assert(sizeof(*once) == sizeof(int),
                   "0: not yet, 1: done, -N: by N");
    step_at("pthread_once", text, line);
    if (on && *o < 0 && threads[-*o - 1].state == GONE)
        *o = 0;  // begun in the parent: glibc's begins anew, too
    while (on && *o < 0) {
        threads[self].ticket = (uint32_t)-*o - 1;
        block(STARTING, once);
    }
    if (*o == 0) {
        *o = -self - 1;
        call();
        *o = 1;
        ready_all(STARTING, once);
    }
    step();
    return 0;
}

int
step_yield(int line)
{
    turn_steps = PATIENCE;
    step_at("sched_yield", NULL, line);
    return 0;
}

// ---------------------------------------------------------------------- memory

// A short write first: they happen, and the log has to go on behind it.
ssize_t
step_write(int fd, const void *bytes, size_t n, int line)
{
    struct run *r = sched_run;
    step_at("write", NULL, line);
    if (fd != LOG_FD || !on) {
        errno = EBADF;
        return -1;
    }
    if (n > 40)
        n -= n / 3;
    uint32_t i = __atomic_fetch_add(&r->nwrites, 1, __ATOMIC_RELAXED);
    uint32_t at = __atomic_fetch_add(&r->nbytes, (uint32_t)n, __ATOMIC_RELAXED);
    if (i >= WRITES || at + n > BYTES) {
        r->nwrites = r->nwrites > WRITES ? WRITES : r->nwrites;
        r->overflow = true;
        return (ssize_t)n;
    }
    memcpy(r->bytes + at, bytes, n);
    r->writes[i].process = process;
    r->writes[i].offset = at;
    r->writes[i].size = (uint32_t)n;
    sched_note(DID_WRITE, (uint32_t)n, line, NULL);
    step();
    return (ssize_t)n;
}

void *
step_copy(void *to, const void *from, size_t n, int line)
{
    step_at("memcpy", NULL, line);
    char copy[n ? n : 1];
    memcpy(copy, from, n);  // memmove() comes here, too
    memcpy(to, copy, n / 2);
    step();
    memcpy((char *)to + n / 2, copy + n / 2, n - n / 2);
    step();
    return to;
}

char *
step_strcpy(char *to, const char *from, int line)
{
    return step_copy(to, from, strlen(from) + 1, line);
}

int
step_print(int line, char *to, size_t size, const char *format, ...)
{
    char text[4096];
    va_list list;
    va_start(list, format);
    int n = vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    if (n >= 0 && size > 0 && to) {
        size_t most = (size_t)n < size ? (size_t)n : size - 1;
        if (most > sizeof(text) - 1)
            most = sizeof(text) - 1;
        text[most] = '\0';
        step_copy(to, text, most + 1, line);
    }
    return n;
}

void *
step_map(void *at, size_t size, int prot, int flags, int fd, off_t offset,
         int line)
{
    step_at("mmap", NULL, line);
    if (prot & PROT_EXEC) {
        errno = EACCES;
        return MAP_FAILED;
    }
    return mmap(at, size, prot, flags, fd, offset);
}

// What gcc -fsanitize=thread calls before every store, and for atomics.
static void
store(void *pc)
{
    if (!on || self < 0)
        return;
    threads[self].at.pc = (uintptr_t)pc;
    step();
}

#define WRITE(name) \
    void __tsan_##name(void *); \
    void __tsan_##name(void *a) { (void)a; store(__builtin_return_address(0)); }
#define READ(name) \
    void __tsan_##name(void *); \
    void __tsan_##name(void *a) { (void)a; }
#define SIZES(m, kind) \
    m(kind##1) m(kind##2) m(kind##4) m(kind##8) m(kind##16)
SIZES(WRITE, write)
SIZES(WRITE, unaligned_write)
SIZES(WRITE, volatile_write)
SIZES(WRITE, unaligned_volatile_write)
SIZES(READ, read)
SIZES(READ, unaligned_read)
SIZES(READ, volatile_read)
SIZES(READ, unaligned_volatile_read)
READ(func_entry)
READ(vptr_read)
WRITE(vptr_update)

void __tsan_func_exit(void);
void __tsan_func_exit(void) {}
void __tsan_read_range(void *, size_t);
void __tsan_read_range(void *a, size_t n) { (void)a, (void)n; }
void __tsan_write_range(void *, size_t);
void
__tsan_write_range(void *a, size_t n)
{
    (void)a, (void)n;
    store(__builtin_return_address(0));
}

#define ORDER __ATOMIC_SEQ_CST
#define FETCH(bits, type, op) \
    type __tsan_atomic##bits##_fetch_##op(volatile type *, type, int); \
    type __tsan_atomic##bits##_fetch_##op(volatile type *a, type v, int o) \
    { \
        (void)o; \
        store(__builtin_return_address(0)); \
        return __atomic_fetch_##op(a, v, ORDER); \
    }
#define EXCHANGE(bits, type, kind) \
    int __tsan_atomic##bits##_compare_exchange_##kind(volatile type *, type *, \
        type, int, int); \
    int __tsan_atomic##bits##_compare_exchange_##kind(volatile type *a, \
        type *e, type v, int o, int f) \
    { \
        (void)o, (void)f; \
        store(__builtin_return_address(0)); \
        return __atomic_compare_exchange_n(a, e, v, 0, ORDER, ORDER); \
    }
#define ATOMIC(bits, type) \
    type __tsan_atomic##bits##_load(const volatile type *, int); \
    type __tsan_atomic##bits##_load(const volatile type *a, int o) \
    { \
        (void)o; \
        store(__builtin_return_address(0)); \
        return __atomic_load_n(a, ORDER); \
    } \
    void __tsan_atomic##bits##_store(volatile type *, type, int); \
    void __tsan_atomic##bits##_store(volatile type *a, type v, int o) \
    { \
        (void)o; \
        store(__builtin_return_address(0)); \
        __atomic_store_n(a, v, ORDER); \
    } \
    type __tsan_atomic##bits##_exchange(volatile type *, type, int); \
    type __tsan_atomic##bits##_exchange(volatile type *a, type v, int o) \
    { \
        (void)o; \
        store(__builtin_return_address(0)); \
        return __atomic_exchange_n(a, v, ORDER); \
    } \
    FETCH(bits, type, add) FETCH(bits, type, sub) FETCH(bits, type, and) \
    FETCH(bits, type, or) FETCH(bits, type, xor) FETCH(bits, type, nand) \
    EXCHANGE(bits, type, strong) EXCHANGE(bits, type, weak)
ATOMIC(8, uint8_t)
ATOMIC(16, uint16_t)
ATOMIC(32, uint32_t)
ATOMIC(64, uint64_t)

void __tsan_atomic_thread_fence(int);
void
__tsan_atomic_thread_fence(int o)
{
    (void)o;
    __atomic_thread_fence(ORDER);
}

void __tsan_atomic_signal_fence(int);
void
__tsan_atomic_signal_fence(int o)
{
    (void)o;
    __atomic_signal_fence(ORDER);
}
