// SPDX-License-Identifier: MIT
// ghosts.c -- what the counters are in the child of a fork, case by case.
// Linked with ../inuse.c, and with each of tests/wrong/: those must fail the
// test that they name.  Book: chapter 6.
//
//     ghosts            all tests, as TAP
//     ghosts NAME...    these
//
// Every test is a process of its own.  Workers stop inside a block, in a
// native function, and tell so: the fork is made when all of them have.
#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../dyn.h"

// ---------------------------------------------------------- the guest program

enum { HOTS = 8, COLDS = 120, COLD_INSNS = 3, WORDS = 64 };
enum { WORD_ARRIVED = 1, WORD_GO = 2 };
enum { N_MAIN, N_STEP, N_PARK, N_SORT, N_DEEPER };

// Guest addresses.  START is what __libc_start_main is to a real program: a
// block that calls a native function, which calls back into main.
enum {
    START = 0,
    MAIN = START + 2,
    SORT = MAIN + 4,
    COMPARE = SORT + 2,
    NESTED = COMPARE + 3,
    HANDLER = NESTED + 3,
    SPIN = HANDLER + 3,
    HOT = SPIN + 4,
    COLD = HOT + 3 * HOTS,
    END = COLD + COLD_INSNS * COLDS,
};

static struct insn code[END];

#define PUT(at, ...) \
    do { \
        static const struct insn put[] = {__VA_ARGS__}; \
        memcpy(&code[at], put, sizeof put); \
    } while (0)
#define NATIVE(n) {.op = OP_NATIVE, .imm = n}
#define RET {.op = OP_RET}

static void
write_program(void)
{
    PUT(START, NATIVE(N_MAIN), RET);
    PUT(MAIN, {OP_MOVI, 1, 0, 40}, NATIVE(N_STEP), {OP_ADDI, 1, 0, 2}, RET);
    PUT(SORT, NATIVE(N_SORT), RET);
    PUT(COMPARE, NATIVE(N_STEP), {OP_SUB, 0, 1, 0}, RET);
    PUT(NESTED, NATIVE(N_DEEPER), {OP_SUB, 0, 1, 0}, RET);
    PUT(HANDLER, NATIVE(N_STEP), {OP_ADDI, 0, 0, 1}, RET);
    PUT(SPIN, {OP_MOVI, 0, 1, 1}, {OP_ST, 0, 2, WORD_ARRIVED},
        {OP_WAIT, 0, 2, WORD_GO}, RET);
    for (int i = 0; i < HOTS; i++)
        PUT(HOT + 3 * i, NATIVE(N_PARK), {OP_ADDI, 0, 0, 1}, RET);
    for (int i = 0; i < COLDS; i++)
        PUT(COLD + COLD_INSNS * i, {OP_ADDI, 5, 0, 3}, {OP_XOR, 5, 6, 0}, RET);
}

static uint32_t
hot(int i)
{
    return (uint32_t)(HOT + 3 * i);
}

// ------------------------------------------------------------------ reporting

static struct {
    char text[2048];           // what went wrong
} *shared;                     // with all processes of a test

static const char *where = "parent";

static void
wrong(const char *fmt, ...)
{
    size_t n = strlen(shared->text);
    va_list ap;

    if (n > sizeof shared->text - 200)
        return;
    n += (size_t)snprintf(shared->text + n, 40, "# %s: ", where);
    va_start(ap, fmt);
    n += (size_t)vsnprintf(shared->text + n, 150, fmt, ap);
    va_end(ap);
    memcpy(shared->text + n, "\n", 2);
}

// ------------------------------------------------------------------ the world

static struct dyn *d;
static struct guest guest;
static uint64_t mem[WORDS];
static void (*step)(struct cpu *cpu);    // what N_STEP does; once, then NULL
static sem_t arrived, go;

static struct block *
block_of(uint32_t pc)
{
    return atomic_load(&d->table[pc]);
}

static void
want(const char *what, uint32_t pc, uint32_t count)
{
    struct block *b = block_of(pc);

    if (!b)
        wrong("%s has no block", what);
    else if (atomic_load(&b->in_used) != count)
        wrong("in_used of %s is %d, not %u", what,
              (int)atomic_load(&b->in_used), count);
}

static void
want_hot(int functions, uint32_t count)
{
    char name[16];

    for (int i = 0; i < functions; i++) {
        snprintf(name, sizeof name, "hot_%d", i);
        want(name, hot(i), count);
    }
}

// Every count, of live blocks and free slots; `but` (or END) is left out.
static void
want_all(uint32_t count, uint32_t but)
{
    for (uint32_t i = 0; i < d->chunks; i++)
        for (int k = 0; k < CHUNK_SLOTS; k++) {
            struct block *b = &d->chunk[i].block[k];

            if (b->pc != but && atomic_load(&b->in_used) != count)
                wrong("in_used of the block at %u is %d, not %u", b->pc,
                      (int)atomic_load(&b->in_used), count);
        }
}

static void
native_main(struct cpu *cpu)
{
    cpu->call(cpu, MAIN);
}

static void
native_step(struct cpu *cpu)
{
    void (*now)(struct cpu *) = step;

    step = NULL;
    if (now)
        now(cpu);
}

// In a hot block: wait, or, in the thread that forks, fork.
static void
native_park(struct cpu *cpu)
{
    if (cpu->user) {
        native_step(cpu);
        return;
    }
    sem_post(&arrived);
    while (sem_wait(&go) != 0)
        ;
}

static struct cpu *sorting;
static uint32_t comparator;

static int
by_guest(const void *a, const void *b)
{
    sorting->r[0] = *(const uint64_t *)a;
    sorting->r[1] = *(const uint64_t *)b;
    sorting->call(sorting, comparator);
    return (int)sorting->r[0];
}

static void
native_sort(struct cpu *cpu)
{
    uint64_t list[4] = {3, 1, 2, 0};

    sorting = cpu;
    qsort(list, 4, sizeof *list, by_guest);
}

static int depth;

static void
native_deeper(struct cpu *cpu)
{
    uint64_t r0 = cpu->r[0], r1 = cpu->r[1];

    if (--depth > 0)
        cpu->call(cpu, SORT);
    else
        native_step(cpu);
    cpu->r[0] = r0;
    cpu->r[1] = r1;
}

static native_fn *const natives[] = {
    [N_MAIN] = native_main, [N_STEP] = native_step, [N_PARK] = native_park,
    [N_SORT] = native_sort, [N_DEEPER] = native_deeper,
};

static void
world(struct dyn_limits limits)
{
    write_program();
    guest = (struct guest){.code = code, .ncode = END, .mem = mem,
                           .mask = WORDS - 1, .native = natives,
                           .nnative = 5};
    sem_init(&arrived, 0, 0);
    sem_init(&go, 0, 0);
    d = dyn_new(&guest, limits);
    if (!d) {
        perror("dyn_new");
        _exit(1);
    }
}

struct worker {
    pthread_t id;
    uint32_t pc;
};

static void *
work(void *arg)
{
    struct worker *w = arg;
    struct cpu cpu;

    dyn_thread_start(d, &cpu);
    cpu.call(&cpu, w->pc);
    dyn_thread_end(&cpu);
    return NULL;
}

// Threads, each of them stopped inside hot function i % functions on return
static void
start_workers(struct worker *w, int threads, int functions)
{
    for (int i = 0; i < threads; i++) {
        w[i].pc = hot(i % functions);
        if (pthread_create(&w[i].id, NULL, work, &w[i]) != 0)
            _exit(1);
    }
    for (int i = 0; i < threads; i++)
        while (sem_wait(&arrived) != 0)
            ;
}

static void
end_workers(struct worker *w, int threads)
{
    for (int i = 0; i < threads; i++)
        sem_post(&go);
    for (int i = 0; i < threads; i++)
        pthread_join(w[i].id, NULL);
}

// fork; the parent waits until the child has ended, and says how it did.
static pid_t
fork_here(void)
{
    pid_t pid = fork();
    int status;

    if (pid < 0) {
        wrong("fork: %s", strerror(errno));
        _exit(1);
    }
    if (pid == 0) {
        where = strcmp(where, "child") == 0 ? "grandchild" : "child";
        return 0;
    }
    if (waitpid(pid, &status, 0) != pid)
        wrong("waitpid: %s", strerror(errno));
    else if (WIFSIGNALED(status))
        wrong("the child died of signal %d (%s)", WTERMSIG(status),
              strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) != 0)
        wrong("the child ended with %d", WEXITSTATUS(status));
    return pid;
}

static bool
in_child(void)
{
    return strcmp(where, "parent") != 0;
}

// Run many cold functions, so that the cache is full and purges.
static void
pressure(struct cpu *cpu, int rounds)
{
    for (int i = 0; i < rounds * COLDS; i++)
        cpu->call(cpu, (uint32_t)(COLD + COLD_INSNS * (i % COLDS)));
}

static int
hot_blocks(void)
{
    int n = 0;

    for (int i = 0; i < HOTS; i++)
        n += block_of(hot(i)) != NULL;
    return n;
}

// Call guest code at pc in this thread, the one that forks.
static void
call(uint32_t pc, uint64_t *r1)
{
    struct cpu cpu;

    dyn_thread_start(d, &cpu);
    cpu.user = &cpu;
    cpu.call(&cpu, pc);
    if (r1)
        *r1 = cpu.r[1];
    dyn_thread_end(&cpu);
}

// ------------------------------------------------------------------ the tests

enum { WORKERS = 8, FUNCTIONS = 4 };

static void
step_plain(struct cpu *cpu)
{
    (void)cpu;
    if (fork_here() != 0) {
        want_hot(FUNCTIONS, 2);
        return;
    }
    want("start", START, 1);
    want("main", MAIN, 1);
    want_hot(FUNCTIONS, 0);
}

// Eight threads in four functions; main forks, inside the start bridge.
static void
test_plain(void)
{
    struct worker w[WORKERS];
    uint64_t r1;

    world((struct dyn_limits){0});
    start_workers(w, WORKERS, FUNCTIONS);
    step = step_plain;
    call(START, &r1);
    if (r1 != 42)
        wrong("main came to %d, not 42", (int)r1);
    if (!in_child())
        end_workers(w, WORKERS);
    want_all(0, END);
}

// The forking thread runs no guest code, and never has: nothing is held.
static void
test_outside(void)
{
    struct worker w[WORKERS];

    world((struct dyn_limits){0});
    start_workers(w, WORKERS, FUNCTIONS);
    if (fork_here() == 0) {
        want_all(0, END);
        return;
    }
    want_hot(FUNCTIONS, 2);
    end_workers(w, WORKERS);
    want_all(0, END);
}

static void
step_compare(struct cpu *cpu)
{
    (void)cpu;
    if (fork_here() != 0)
        return;
    want("sort", SORT, 1);
    want("compare", COMPARE, 1);
    want("hot_0", hot(0), 0);
}

// A comparator that qsort calls forks.
static void
test_comparator(void)
{
    struct worker w[2];

    world((struct dyn_limits){0});
    start_workers(w, 2, 1);
    comparator = COMPARE;
    step = step_compare;
    call(SORT, NULL);
    if (!in_child())
        end_workers(w, 2);
    want_all(0, END);
}

static void
step_nested(struct cpu *cpu)
{
    (void)cpu;
    if (fork_here() != 0)
        return;
    want("sort", SORT, 4);
    want("nested", NESTED, 4);
    want_hot(1, 0);
}

// The same blocks four times on one stack.
static void
test_nested(void)
{
    struct worker w[2];

    world((struct dyn_limits){0});
    start_workers(w, 2, 1);
    comparator = NESTED;
    depth = 4;
    step = step_nested;
    call(SORT, NULL);
    if (!in_child())
        end_workers(w, 2);
    want_all(0, END);
}

static void
step_same_block(struct cpu *cpu)
{
    (void)cpu;
    if (fork_here() != 0)
        want("hot_0", hot(0), 4);
    else
        want("hot_0", hot(0), 1);
}

// The fork is made inside hot_0, where three others stand as well.
static void
test_same_block(void)
{
    struct worker w[3];

    world((struct dyn_limits){0});
    start_workers(w, 3, 1);
    step = step_same_block;
    call(hot(0), NULL);
    if (!in_child())
        end_workers(w, 3);
    want_all(0, END);
}

static void
step_in_handler(struct cpu *cpu)
{
    (void)cpu;
    if (fork_here() != 0)
        return;
    want("start", START, 1);
    want("main", MAIN, 1);
    want("handler", HANDLER, 1);
    want_hot(1, 0);
}

static void
step_raise_fork(struct cpu *cpu)
{
    (void)cpu;
    step = step_in_handler;
    raise(SIGUSR1);
}

// A handler forks; the signal came while main was in a native function.
static void
test_signal(void)
{
    struct worker w[2];
    uint64_t r1;

    world((struct dyn_limits){0});
    dyn_signal(d, SIGUSR1, HANDLER, 0);
    start_workers(w, 2, 1);
    step = step_raise_fork;
    call(START, &r1);
    if (r1 != 42)
        wrong("main came to %d, not 42", (int)r1);
    if (!in_child())
        end_workers(w, 2);
    want_all(0, END);
}

static void
step_in_async(struct cpu *cpu)
{
    (void)cpu;
    if (fork_here() == 0) {
        want("spin", SPIN, 1);
        want("handler", HANDLER, 1);
        want_hot(1, 0);
    }
    __atomic_store_n(&mem[WORD_GO], 1, __ATOMIC_SEQ_CST);
}

static void *
send_when_spinning(void *arg)
{
    while (__atomic_load_n(&mem[WORD_ARRIVED], __ATOMIC_SEQ_CST) == 0)
        sched_yield();
    pthread_kill(*(pthread_t *)arg, SIGUSR1);
    return NULL;
}

// The signal comes in the middle of emitted code: the program counter that the
// kernel saved is all that shows where this thread goes on.
static void
test_async_signal(void)
{
    pthread_t self = pthread_self(), sender;
    struct worker w[2];

    world((struct dyn_limits){0});
    dyn_signal(d, SIGUSR1, HANDLER, 0);
    start_workers(w, 2, 1);
    step = step_in_async;
    pthread_create(&sender, NULL, send_when_spinning, &self);
    call(SPIN, NULL);
    if (!in_child()) {
        pthread_join(sender, NULL);
        end_workers(w, 2);
    }
    want_all(0, END);
}

static void
step_in_altstack(struct cpu *cpu)
{
    (void)cpu;
    if (fork_here() != 0)
        return;
    want("start", START, 1);
    want("main", MAIN, 1);
    want("handler", HANDLER, 1);
}

static void
step_raise_altstack(struct cpu *cpu)
{
    (void)cpu;
    step = step_in_altstack;
    raise(SIGUSR1);
}

// The handler has a stack of its own, on which nothing shows what is held:
// two ghosts may stay in hot_0, but what is held must.
static void
test_altstack(void)
{
    static _Alignas(64) char alternative[256 * 1024];
    stack_t stack = {.ss_sp = alternative, .ss_size = sizeof alternative};
    struct worker w[2];
    uint64_t r1;

    sigaltstack(&stack, NULL);
    world((struct dyn_limits){0});
    dyn_signal(d, SIGUSR1, HANDLER, SA_ONSTACK);
    start_workers(w, 2, 1);
    step = step_raise_altstack;
    call(START, &r1);
    if (r1 != 42)
        wrong("main came to %d, not 42", (int)r1);
    if (!in_child())
        end_workers(w, 2);
    else if (block_of(hot(0)) && atomic_load(&block_of(hot(0))->in_used) > 2)
        wrong("hot_0 is held more often than before the fork");
    want_all(0, hot(0));
}

static void
step_worker_forks(struct cpu *cpu)
{
    (void)cpu;
    if (fork_here() != 0)
        return;
    want("start", START, 0);
    want("main", MAIN, 0);
    want("sort", SORT, 1);
    want("compare", COMPARE, 1);
}

static void *
forking_worker(void *arg)
{
    (void)arg;
    comparator = COMPARE;
    step = step_worker_forks;
    call(SORT, NULL);
    if (in_child()) {
        want_all(0, END);
        _exit(shared->text[0] != 0);
    }
    return NULL;
}

static void
step_start_forker(struct cpu *cpu)
{
    pthread_t id;

    (void)cpu;
    if (pthread_create(&id, NULL, forking_worker, NULL) != 0)
        _exit(1);
    pthread_join(id, NULL);
}

// Not main but a worker forks: main's blocks are the ghosts then.
static void
test_worker_forks(void)
{
    world((struct dyn_limits){0});
    step = step_start_forker;
    call(START, NULL);
    want_all(0, END);
}

static void
step_purge(struct cpu *cpu)
{
    if (fork_here() != 0)
        return;
    pressure(cpu, 3);
    if (hot_blocks() != 0)
        wrong("%d hot blocks that nobody runs were kept", hot_blocks());
    if (!block_of(START) || !block_of(MAIN))
        wrong("a block was purged that main goes back to");
}

// The child fills the cache.  What no thread holds has to go, what main is in
// must not: main's return would run freed code.
static void
test_purge(void)
{
    struct worker w[WORKERS];
    uint64_t r1;

    world((struct dyn_limits){.chunks = 2});
    start_workers(w, WORKERS, FUNCTIONS);
    step = step_purge;
    call(START, &r1);
    if (r1 != 42)
        wrong("main came to %d, not 42", (int)r1);
    if (!in_child()) {
        if (hot_blocks() != FUNCTIONS)
            wrong("the parent has %d hot blocks, not %d", hot_blocks(),
                  FUNCTIONS);
        end_workers(w, WORKERS);
    }
    want_all(0, END);
}

// The same where main itself is the only thread there ever was.
static void
test_purge_alone(void)
{
    uint64_t r1;

    world((struct dyn_limits){.chunks = 2});
    step = step_purge;
    call(START, &r1);
    if (r1 != 42)
        wrong("main came to %d, not 42", (int)r1);
    want_all(0, END);
}

static void
step_purge_nested(struct cpu *cpu)
{
    if (fork_here() != 0)
        return;
    pressure(cpu, 3);
    if (hot_blocks() != 0)
        wrong("%d hot blocks that nobody runs were kept", hot_blocks());
    if (!block_of(SORT) || !block_of(NESTED))
        wrong("a block was purged that qsort goes back to");
}

// And inside a comparator, four deep, while qsort is running.
static void
test_purge_nested(void)
{
    struct worker w[2];

    world((struct dyn_limits){.chunks = 2});
    start_workers(w, 2, 2);
    comparator = NESTED;
    depth = 4;
    step = step_purge_nested;
    call(SORT, NULL);
    if (!in_child())
        end_workers(w, 2);
    want_all(0, END);
}

static int generation;

static void
step_generations(struct cpu *cpu)
{
    struct worker w[WORKERS];

    start_workers(w, WORKERS, generation + 1);
    if (fork_here() == 0) {
        want("start", START, 1);
        want("main", MAIN, 1);
        want_hot(generation + 1, 0);
        sem_init(&arrived, 0, 0);
        sem_init(&go, 0, 0);
        if (++generation < 4) {
            step_generations(cpu);
        } else {
            pressure(cpu, 3);
            if (hot_blocks() != 0)
                wrong("%d hot blocks are left", hot_blocks());
        }
    } else {
        end_workers(w, WORKERS);
        want_hot(generation + 1, 0);
    }
}

// A child that has threads and forks, four generations deep.
static void
test_generations(void)
{
    world((struct dyn_limits){.chunks = 2});
    step = step_generations;
    call(START, NULL);
    want_all(0, END);
}

static void
step_come_and_go(struct cpu *cpu)
{
    struct worker w[WORKERS];

    for (int round = 0; round < 5; round++) {
        start_workers(w, WORKERS, 1 + round);
        if (fork_here() == 0) {
            // New threads in the blocks of the dead ones, on their stacks.
            sem_init(&arrived, 0, 0);
            sem_init(&go, 0, 0);
            start_workers(w, WORKERS, 1 + round);
            for (int i = 0; i <= round; i++) {
                uint32_t n = WORKERS / (1 + (uint32_t)round) +
                             (WORKERS % (1 + round) > i);

                want("a hot function", hot(i), n);
            }
            end_workers(w, WORKERS);
            want_hot(1 + round, 0);
            pressure(cpu, 3);
            return;
        }
        end_workers(w, WORKERS);
        want_hot(1 + round, 0);
    }
}

// Threads of the child enter the blocks that the parent's threads were in.
static void
test_come_and_go(void)
{
    world((struct dyn_limits){.chunks = 2});
    step = step_come_and_go;
    call(START, NULL);
    want_all(0, END);
}

static void
step_stale_words(struct cpu *cpu)
{
    uintptr_t words[64];

    // Warm up: a block that nobody holds, now or then.
    cpu->call(cpu, COLD);
    for (int i = 0; i < 64; i++)
        words[i] = (uintptr_t)block_of(i % 2 ? COLD : (uint32_t)HOT)->code +
                   8 + (uintptr_t)i % 16;
    __asm__ volatile("" : : "r"(words) : "memory");
    if (fork_here() == 0) {
        uint32_t left = atomic_load(&block_of(HOT)->in_used);

        want("cold_0", COLD, 0);
        want("main", MAIN, 1);
        if (left > 2)
            wrong("hot_0 was held by 2, and now by %u", left);
    }
    __asm__ volatile("" : : "r"(words) : "memory");
}

// Words that only look like places in blocks lie on the stack, as they do when
// an earlier call left them there.  They must not add what never was.
static void
test_stale_words(void)
{
    struct worker w[2];

    world((struct dyn_limits){0});
    start_workers(w, 2, 1);
    step = step_stale_words;
    call(START, NULL);
    if (!in_child())
        end_workers(w, 2);
    want_all(0, HOT);
}

// Registered before the dynarec's own, so it runs before it in the child.
static void
protect(void)
{
    for (uint32_t i = 0; d && i < d->chunks; i++)
        if (mprotect(d->chunk[i].block, CHUNK_SLOTS * sizeof(struct block),
                     PROT_READ) != 0)
            _exit(1);
}

static void
step_untouched(struct cpu *cpu)
{
    cpu->call(cpu, COLD);
    if (fork_here() != 0)
        return;
    for (uint32_t i = 0; i < d->chunks; i++)
        mprotect(d->chunk[i].block, CHUNK_SLOTS * sizeof(struct block),
                 PROT_READ | PROT_WRITE);
    want("start", START, 1);
    want("main", MAIN, 1);
}

// No thread, no ghost: nothing is to be put right, so nothing may be written.
static void
test_untouched(void)
{
    pthread_atfork(NULL, NULL, protect);
    world((struct dyn_limits){0});
    step = step_untouched;
    call(START, NULL);
    want_all(0, END);
}

// ----------------------------------------------------------------- the runner

static const struct test {
    const char *name;
    void (*run)(void);
} tests[] = {
    {"plain", test_plain},
    {"outside", test_outside},
    {"comparator", test_comparator},
    {"nested", test_nested},
    {"same-block", test_same_block},
    {"signal", test_signal},
    {"async-signal", test_async_signal},
    {"altstack", test_altstack},
    {"worker-forks", test_worker_forks},
    {"purge", test_purge},
    {"purge-alone", test_purge_alone},
    {"purge-nested", test_purge_nested},
    {"generations", test_generations},
    {"come-and-go", test_come_and_go},
    {"stale-words", test_stale_words},
    {"untouched", test_untouched},
};
enum { TESTS = sizeof tests / sizeof tests[0] };

static bool
passes(const struct test *t)
{
    pid_t pid;
    int status;

    shared->text[0] = 0;
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        alarm(30);
        t->run();
        _exit(shared->text[0] != 0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid) {
        perror("fork");
        exit(2);
    }
    if (WIFSIGNALED(status))
        wrong("died of signal %d (%s)", WTERMSIG(status),
              strsignal(WTERMSIG(status)));
    return status == 0;
}

int
main(int argc, char **argv)
{
    int ran = 0, bad = 0;

    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        perror("mmap");
        return 2;
    }
    for (int i = 0; i < TESTS; i++) {
        bool wanted = argc < 2;

        for (int k = 1; k < argc; k++)
            wanted |= strcmp(argv[k], tests[i].name) == 0;
        if (!wanted)
            continue;
        if (passes(&tests[i])) {
            printf("ok %d - %s\n", ++ran, tests[i].name);
        } else {
            printf("not ok %d - %s\n%s", ++ran, tests[i].name, shared->text);
            bad++;
        }
    }
    printf("1..%d\n", ran);
    return bad > 0 || ran == 0;
}
