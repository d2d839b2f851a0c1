// SPDX-License-Identifier: MIT
// main.c -- the report's test program: threads inside hot blocks, then fork.
// An x86-64 program for box64; hot.S has the functions, watch.c runs it and
// measures.  Book: chapter 6.
//
//     main [--stress] [--workers N] [--functions N] [--forks N]
//          [--exec RUNNER] [--no-pressure] [--comparator]
//          [--return] [--watched]
//
// --comparator forks where qsort has called back, main and qsort half done.
// --return lets the child return from main, into the block that called it.
// RUNNER starts an x86-64 program, as ../with-box64 does: with --exec the child
// executes this program anew.
//
// Without --watched it only says what it does; with it, it asks whoever reads
// its output to look at the counters, and waits:  "@measure PID WHAT" goes out,
// one byte comes in.
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef NUM_WORKERS
#define NUM_WORKERS 8
#endif
#ifndef NUM_HOT_FUNCS
#define NUM_HOT_FUNCS 4
#endif
#ifndef STRESS_FORKS
#define STRESS_FORKS 5
#endif
#ifndef COMPILE_WAIT_MS
#define COMPILE_WAIT_MS 20000   // give up where workers do not arrive by then
#endif
#ifndef COLD_PAUSE_MS
#define COLD_PAUSE_MS 20        // box64 purges only below 100 new blocks a
#endif                          // second

enum { MAX_WORKERS = 64, HOT_FUNCTIONS = 8, COLD_FUNCTIONS = 11,
       SMALL_FUNCTIONS = 80 };

typedef void hot_fn(int fd, char *byte, int *arrived);
typedef void cold_fn(void);
extern hot_fn *const hot_functions[HOT_FUNCTIONS];      // hot.S
extern cold_fn *const cold_functions[COLD_FUNCTIONS];
extern cold_fn *const small_functions[SMALL_FUNCTIONS];

static int workers = NUM_WORKERS, functions = NUM_HOT_FUNCS;
static int forks = STRESS_FORKS;
static bool watched, stress, pressure = true;
static bool comparator, return_from_main;
static char *runner;             // for --exec

static int arrived;             // workers inside their block
static int gate[2];             // they read it there

struct worker {
    pthread_t id;
    int number;
};

static void
die(const char *what)
{
    fprintf(stderr, "main: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void
pause_ms(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&t, NULL);
}

// Have this process looked at.
static void
measure(const char *what)
{
    char byte;

    if (!watched)
        return;
    printf("@measure %d %s\n", (int)getpid(), what);
    fflush(stdout);
    if (read(0, &byte, 1) != 1)
        exit(1);
}

static void *
work(void *arg)
{
    const struct worker *w = arg;
    char byte;

    hot_functions[w->number % functions](gate[0], &byte, &arrived);
    return NULL;
}

// All of them are inside a block on return.  Each hot function was called
// before, by main: their blocks are there with or without workers.
static void
start_workers(struct worker *w)
{
    char byte = 0;

    for (int i = 0; i < functions; i++) {
        if (write(gate[1], &byte, 1) != 1)
            die("write");
        hot_functions[i](gate[0], &byte, &arrived);
    }
    arrived = 0;
    printf("[Main] Creating %d worker threads...\n", workers);
    for (int i = 0; i < workers; i++) {
        w[i].number = i;
        printf("[Worker %d] Using hot_compute_%d (dynarec block %d)\n", i,
               i % functions, i % functions);
        if (pthread_create(&w[i].id, NULL, work, &w[i]) != 0)
            die("pthread_create");
    }
    fflush(stdout);
    for (int ms = 0; __atomic_load_n(&arrived, __ATOMIC_SEQ_CST) < workers;
         ms++) {
        if (ms > COMPILE_WAIT_MS) {
            fprintf(stderr, "main: %d of %d workers arrived in %d ms\n",
                    arrived, workers, ms);
            exit(1);
        }
        pause_ms(1);
    }
}

static void
end_workers(struct worker *w)
{
    char bytes[MAX_WORKERS] = {0};

    if (workers > 0 && write(gate[1], bytes, (size_t)workers) != workers)
        die("write");
    for (int i = 0; i < workers; i++)
        pthread_join(w[i].id, NULL);
}

// New blocks, the large ones slowly: box64 runs out of room and tries to purge.
static void
make_pressure(void)
{
    if (!pressure)
        return;
    for (int i = 0; i < SMALL_FUNCTIONS; i++)
        small_functions[i]();
    for (int i = 0; i < COLD_FUNCTIONS; i++) {
        cold_functions[i]();
        pause_ms(COLD_PAUSE_MS);
    }
}

static void
banner(const char *who, int fork_number)
{
    printf("\n========================================\n"
           " %s (PID %d) - Fork #%d\n"
           "========================================\n",
           who, (int)getpid(), fork_number);
    fflush(stdout);
}

static void
wait_for(pid_t pid)
{
    int status;

    if (waitpid(pid, &status, 0) != pid)
        die("waitpid");
    if (WIFSIGNALED(status)) {
        printf("[Main] the child died of signal %d\n", WTERMSIG(status));
        exit(1);
    }
    if (WEXITSTATUS(status) != 0)
        exit(1);
}

// One child; in stress mode it forks once more.  True where the child is to
// return from main.
static bool
one_fork(int number, char **argv)
{
    char what[64];
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid < 0)
        die("fork");
    if (pid > 0) {
        wait_for(pid);
        return false;
    }
    banner("CHILD PROCESS", number);
    snprintf(what, sizeof what, "child %d, after fork", number);
    measure(what);
    if (runner) {
        execl(runner, runner, argv[0], "--child-after-exec",
              watched ? "--watched" : NULL, (char *)NULL);
        die(runner);
    }
    if (stress) {
        fflush(stdout);
        pid = fork();
        if (pid < 0)
            die("fork");
        if (pid == 0) {
            banner("GRANDCHILD PROCESS", number);
            snprintf(what, sizeof what, "grandchild %d, after fork", number);
            measure(what);
            _exit(0);
        }
        wait_for(pid);
    }
    if (!stress || number == forks) {
        make_pressure();
        snprintf(what, sizeof what, "child %d, after memory pressure", number);
        if (pressure)
            measure(what);
    }
    if (return_from_main)
        return true;
    _exit(0);    // box64's exit waits for the parent's threads, 2 s long
}

static char **arguments;
static bool in_child;

// The first comparison forks.
static int
compare_and_fork(const void *a, const void *b)
{
    const int *x = a, *y = b;

    if (comparator) {
        comparator = false;
        in_child = one_fork(1, arguments);
    }
    return (*x > *y) - (*x < *y);
}

// True in a child that is to return from main.
static bool
fork_in_qsort(char **argv)
{
    int list[] = {3, 1, 2};

    arguments = argv;
    qsort(list, 3, sizeof *list, compare_and_fork);
    if (list[0] != 1 || list[1] != 2 || list[2] != 3) {
        fprintf(stderr, "main: qsort did not sort\n");
        exit(1);
    }
    return in_child;
}

// A child that has called exec: nothing of the parent is left in it.
static int
after_exec(void)
{
    measure("child 1, after exec");
    return 0;
}

static int
number(char **arg, int low, int high)
{
    char *end;
    long n = arg[1] ? strtol(arg[1], &end, 10) : -1;

    if (!arg[1] || *end || n < low || n > high) {
        fprintf(stderr, "main: %s takes a number from %d to %d\n", arg[0],
                low, high);
        exit(2);
    }
    return (int)n;
}

int
main(int argc, char **argv)
{
    struct worker w[MAX_WORKERS];
    bool exec_child = false;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--stress") == 0)
            stress = true;
        else if (strcmp(argv[i], "--exec") == 0 && argv[i + 1])
            runner = argv[++i];
        else if (strcmp(argv[i], "--watched") == 0)
            watched = true;
        else if (strcmp(argv[i], "--no-pressure") == 0)
            pressure = false;
        else if (strcmp(argv[i], "--comparator") == 0)
            comparator = true;
        else if (strcmp(argv[i], "--return") == 0)
            return_from_main = true;
        else if (strcmp(argv[i], "--child-after-exec") == 0)
            exec_child = true;
        else if (strcmp(argv[i], "--workers") == 0)
            workers = number(&argv[i], 0, MAX_WORKERS), i++;
        else if (strcmp(argv[i], "--functions") == 0)
            functions = number(&argv[i], 1, HOT_FUNCTIONS), i++;
        else if (strcmp(argv[i], "--forks") == 0)
            forks = number(&argv[i], 1, 100), i++;
        else {
            fprintf(stderr, "main: what is %s?\n", argv[i]);
            return 2;
        }
    }
    if (exec_child)
        return after_exec();
    printf("########################################\n"
           " TEST 001: Stale in_used After Fork\n"
           " Configuration: %d workers, %d hot functions\n"
           "########################################\n\n",
           workers, functions);
    if (pipe(gate) != 0)
        die("pipe");
    start_workers(w);
    measure("parent, before fork");
    for (int i = 1; i <= (stress ? forks : 1); i++)
        if (comparator ? fork_in_qsort(argv) : one_fork(i, argv))
            return 0;
    end_workers(w);
    measure("parent, workers ended");
    return 0;
}
