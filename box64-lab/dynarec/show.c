// SPDX-License-Identifier: MIT
// show.c -- the counters of the small dynarec around a fork, as a table.
// Linked with inuse.c, or with another answer to the same question.
// Book: chapter 6.
//
//     show [THREADS [FUNCTIONS]]       8 threads in 4 functions
//
// The threads stand in hot functions when main forks.  The child then runs so
// much other code that the cache is full and is purged; "-" is a block that is
// not there any more.
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dyn.h"

enum { HOTS = 8, COLDS = 100, MAX_THREADS = 64 };
enum { START = 0, MAIN = 2, HOT = 5, COLD = HOT + 2 * HOTS };
enum { END = COLD + 2 * COLDS, COLUMNS = 3 };
enum { N_START, N_MAIN, N_HOT };

static struct insn code[END];
static struct dyn *d;
static sem_t arrived, go;
static int threads = 8, functions = 4;

// in_used of each of our blocks at three moments, -1 where there is none;
// shared, so that the child's come back to us
static int (*seen)[COLUMNS];

static void
look(int column)
{
    for (uint32_t pc = 0; pc < COLD; pc++) {
        struct block *b = atomic_load(&d->table[pc]);

        seen[pc][column] = b ? (int)atomic_load(&b->in_used) : -1;
    }
}

// What calls main, as __libc_start_main does.
static void
native_start(struct cpu *cpu)
{
    cpu->call(cpu, MAIN);
}

static void
native_main(struct cpu *cpu)
{
    pid_t pid;
    int status;

    look(0);
    pid = fork();
    if (pid == 0) {
        look(1);
        for (int i = 0; i < 3 * COLDS; i++)
            cpu->call(cpu, (uint32_t)(COLD + 2 * (i % COLDS)));
        look(2);
        return;      // and on, to the end of main
    }
    waitpid(pid, &status, 0);
    if (WIFSIGNALED(status))
        printf("The child dies of signal %d (%s).\n", WTERMSIG(status),
               strsignal(WTERMSIG(status)));
}

static void
native_hot(struct cpu *cpu)
{
    (void)cpu;
    sem_post(&arrived);
    while (sem_wait(&go) != 0)
        ;
}

static void
write_program(void)
{
    static const struct insn ret = {.op = OP_RET};

    for (int pc = 0; pc < END; pc++)
        code[pc] = ret;
    code[START] = (struct insn){.op = OP_NATIVE, .imm = N_START};
    code[MAIN] = (struct insn){.op = OP_NATIVE, .imm = N_MAIN};
    for (int i = 0; i < HOTS; i++)
        code[HOT + 2 * i] = (struct insn){.op = OP_NATIVE, .imm = N_HOT};
    for (int i = 0; i < COLDS; i++)
        code[COLD + 2 * i] = (struct insn){.op = OP_ADDI, .imm = 1};
}

static void *
run(void *pc)
{
    struct cpu cpu;

    dyn_thread_start(d, &cpu);
    cpu.call(&cpu, (uint32_t)(uintptr_t)pc);
    dyn_thread_end(&cpu);
    return NULL;
}

static void
print(const char *name, int pc)
{
    printf("%-12s", name);
    for (int i = 0; i < COLUMNS; i++)
        if (seen[pc][i] < 0)
            printf(" %12s", "-");
        else
            printf(" %12d", seen[pc][i]);
    printf("\n");
}

int
main(int argc, char **argv)
{
    static native_fn *const natives[] = {native_start, native_main, native_hot};
    struct guest guest = {.code = code, .ncode = END, .mem = (uint64_t[1]){0},
                          .native = natives, .nnative = 3};
    pthread_t id[MAX_THREADS];
    pid_t self = getpid();

    threads = argc > 1 ? atoi(argv[1]) : threads;
    functions = argc > 2 ? atoi(argv[2]) : functions;
    if (threads < 0 || threads > MAX_THREADS || functions < 1 ||
        functions > HOTS) {
        fprintf(stderr, "show: 0 to %d threads, 1 to %d functions\n",
                MAX_THREADS, HOTS);
        return 2;
    }
    write_program();
    seen = mmap(NULL, COLD * sizeof *seen, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    d = dyn_new(&guest, (struct dyn_limits){.chunks = 2});
    if (seen == MAP_FAILED || !d || sem_init(&arrived, 0, 0) != 0 ||
        sem_init(&go, 0, 0) != 0) {
        perror("show");
        return 1;
    }
    for (int i = 0; i < threads; i++) {
        uintptr_t pc = HOT + 2 * (uintptr_t)(i % functions);

        if (pthread_create(&id[i], NULL, run, (void *)pc) != 0) {
            perror("pthread_create");
            return 1;
        }
        while (sem_wait(&arrived) != 0)
            ;
    }
    run((void *)(uintptr_t)START);
    if (getpid() != self)
        return 0;
    for (int i = 0; i < threads; i++)
        sem_post(&go);
    for (int i = 0; i < threads; i++)
        pthread_join(id[i], NULL);
    printf("%-12s %12s %12s %12s\n", "in_used of", "parent", "child",
           "child, later");
    print("start", START);
    print("main", MAIN);
    for (int i = 0; i < functions && i < threads; i++) {
        char name[16];

        snprintf(name, sizeof name, "hot_%d", i);
        print(name, HOT + 2 * i);
    }
    dyn_free(d);
    return 0;
}
