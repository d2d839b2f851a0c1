// SPDX-License-Identifier: MIT
// dyn.c -- runs guest code from blocks; threads, signals, fork.
// cache.c keeps the blocks, translate.c makes them.  Book: chapter 6.
#include "dyn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "inuse.h"

static struct dyn *the_dyn;
static _Thread_local struct cpu *current;    // this thread's innermost cpu

// A handler may run guest code, which takes the lock: none while it is held.
void
dyn_lock(struct dyn *d)
{
    sigset_t all, old;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    pthread_mutex_lock(&d->lock);
    d->mask = old;
}

void
dyn_unlock(struct dyn *d)
{
    sigset_t old = d->mask;

    pthread_mutex_unlock(&d->lock);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

// ------------------------------------------------------------------- running

// A free slot: as it is, by a purge, by a new chunk, in this order.
static struct block *
find_slot(struct dyn *d)
{
    struct block *b = cache_slot(d);

    if (!b && cache_purge(d) > 0)
        b = cache_slot(d);
    if (!b && cache_grow(d) == 0)
        b = cache_slot(d);
    return b;
}

// Make the block for pc, unless there is one; false where there is no room.
static bool
have_block(struct dyn *d, uint32_t pc)
{
    struct block *b = NULL;
    bool there;

    if (atomic_load(&d->table[pc]))
        return true;
    dyn_lock(d);
    there = atomic_load(&d->table[pc]) != NULL;
    if (!there) {
        atomic_fetch_add(&d->tick, 1);
        b = find_slot(d);
        if (b) {
            translate(d, b, pc);
            cache_publish(d, b);
        } else {
            d->stats.interpreted++;
        }
    }
    dyn_unlock(d);
    return there || b;
}

static void
dyn_call(struct cpu *cpu, uint32_t pc)
{
    struct dyn *d = cpu->dyn;
    struct cpu *outer = current;
    uint32_t depth = cpu->depth;

    if (guest_push_exit(cpu) < 0)
        return;
    current = cpu;
    while (pc != PC_EXIT && !cpu->stop) {
        if (pc >= d->ncode)
            cpu->stop = STOP_WILD;
        else if (have_block(d, pc))
            pc = d->enter(cpu, pc);
        else
            pc = interp_block(cpu, pc);
    }
    current = outer;
    cpu->depth = depth;
}

// ------------------------------------------------------------------- threads

static void
find_stack(struct cpu *cpu)
{
    pthread_attr_t attr;
    void *low = NULL;
    size_t size = 0;

    // Asked for now, so that a forked child need not: libc's answer may take
    // locks and memory.  Without an answer no address is on the stack, and the
    // counters stay as they are after a fork.
    if (pthread_getattr_np(pthread_self(), &attr) != 0)
        return;
    pthread_attr_getstack(&attr, &low, &size);
    pthread_attr_destroy(&attr);
    cpu->stack_low = low;
    cpu->stack_top = (char *)low + size;
}

static void
start(struct dyn *d, struct cpu *cpu)
{
    memset(cpu, 0, sizeof *cpu);
    cpu->guest = d->guest;
    cpu->mem = d->guest->mem;
    cpu->fuel = 1000000000;
    cpu->call = dyn_call;
    cpu->dyn = d;
    cpu->thread = (uintptr_t)pthread_self();
}

static void
enlist(struct dyn *d, struct cpu *cpu)
{
    dyn_lock(d);
    cpu->next = d->cpus;
    d->cpus = cpu;
    dyn_unlock(d);
}

void
dyn_thread_start(struct dyn *d, struct cpu *cpu)
{
    start(d, cpu);
    find_stack(cpu);
    enlist(d, cpu);
}

void
dyn_thread_end(struct cpu *cpu)
{
    struct dyn *d = cpu->dyn;

    dyn_lock(d);
    for (struct cpu **p = &d->cpus; *p; p = &(*p)->next)
        if (*p == cpu) {
            *p = cpu->next;
            break;
        }
    dyn_unlock(d);
}

// ------------------------------------------------------------------- signals

// Guest code that was interrupted goes on afterwards with its own registers:
// the handler gets a cpu of its own.
static void
on_signal(int signo)
{
    struct dyn *d = the_dyn;
    struct cpu *outer = current, cpu;
    int saved = errno;

    if (!d || !outer || !d->handler[signo])
        return;
    start(d, &cpu);
    cpu.stack_low = outer->stack_low;
    cpu.stack_top = outer->stack_top;
    cpu.user = outer->user;
    cpu.r[0] = (uint64_t)signo;
    enlist(d, &cpu);
    cpu.call(&cpu, d->handler[signo] - 1);
    dyn_thread_end(&cpu);
    errno = saved;
}

void
dyn_signal(struct dyn *d, int signo, uint32_t pc, int flags)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};

    sigfillset(&action.sa_mask);
    d->handler[signo] = pc + 1;
    sigaction(signo, &action, NULL);
}

// ---------------------------------------------------------------------- fork

// Nobody translates or purges while the memory is copied.
static void
before_fork(void)
{
    if (the_dyn)
        dyn_lock(the_dyn);
}

static void
after_fork_parent(void)
{
    if (the_dyn)
        dyn_unlock(the_dyn);
}

static void
after_fork_child(void)
{
    struct dyn *d = the_dyn;
    struct cpu **p;

    if (!d)
        return;
    // The other threads' cpus lie on stacks that nobody owns any more.
    for (p = &d->cpus; *p;)
        if ((*p)->thread == (uintptr_t)pthread_self())
            p = &(*p)->next;
        else
            *p = (*p)->next;
    inuse_after_fork(d, d->cpus);
    dyn_unlock(d);
}

static void
watch_forks(void)
{
    pthread_atfork(before_fork, after_fork_parent, after_fork_child);
}

// ------------------------------------------------------------ start and end

struct dyn *
dyn_new(const struct guest *guest, struct dyn_limits limits)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    size_t bytes = sizeof(struct dyn) +
                   guest->ncode * sizeof(_Atomic(struct block *));
    struct dyn *d = calloc(1, bytes);

    if (!d)
        return NULL;
    if (the_dyn || guest->ncode == 0) {
        free(d);
        errno = EBUSY;
        return NULL;
    }
    d->glue = mmap(NULL, SLOT_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (d->glue == MAP_FAILED) {
        free(d);
        return NULL;
    }
    d->guest = guest;
    d->ncode = guest->ncode;
    d->limits = limits;
    if (limits.chunks == 0 || limits.chunks > MAX_CHUNKS)
        d->limits.chunks = MAX_CHUNKS;
    if (limits.purge_age == 0)
        d->limits.purge_age = 4;
    pthread_mutex_init(&d->lock, NULL);
    translate_glue(d);
    the_dyn = d;
    pthread_once(&once, watch_forks);
    return d;
}

void
dyn_free(struct dyn *d)
{
    the_dyn = NULL;
    cache_unmap(d);
    munmap(d->glue, SLOT_SIZE);
    pthread_mutex_destroy(&d->lock);
    free(d);
}
