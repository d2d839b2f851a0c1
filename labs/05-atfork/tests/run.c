// SPDX-License-Identifier: MIT
// run.c -- the program of `make run-5`: threads log and submit jobs while the
// main thread forks children that log, too.  Real time, and so luck: with the
// starter some children never end.  Book: chapter 5.
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "atfork.h"

enum { THREADS = 3, WAIT_MS = 2000 };

static atomic_bool over;

static void
nothing(void *arg)
{
    (void)arg;
}

static void *
busy(void *arg)
{
    while (!over) {
        log_line(arg);
        pool_submit("a job of the parent", nothing, NULL);
    }
    return NULL;
}

static void
child(int i)
{
    char line[40];
    snprintf(line, sizeof(line), "child %d", i);
    log_tag(line);
    log_line("is here");
    pool_submit("a job of the child", nothing, NULL);
    pool_wait();
    exit(0);
}

int
main(int argc, char **argv)
{
    int children = argc > 2 && strcmp(argv[1], "-c") == 0 ? atoi(argv[2]) : 10;
    static char names[THREADS][16];
    pthread_t threads[THREADS];
    FILE *log = fopen("/dev/null", "w");
    int stuck = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);  // children have a copy of the buffer
    if (children < 1 || !log) {
        fprintf(stderr, "usage: run [-c CHILDREN]\n");
        return 2;
    }
    log_open(fileno(log), "parent");
    if (pool_start(2) != 0)
        return 2;
    for (int i = 0; i < THREADS; i++) {
        snprintf(names[i], sizeof(names[i]), "thread %d", i);
        pthread_create(&threads[i], NULL, busy, names[i]);
    }
    for (int i = 0; i < children; i++) {
        pid_t pid = fork();
        if (pid == 0)
            child(i);
        int fd = (int)syscall(SYS_pidfd_open, pid, 0);
        bool ended = poll(&(struct pollfd){fd, POLLIN, 0}, 1, WAIT_MS) == 1;
        close(fd);
        printf("child %d: %s\n", i, ended ? "ended"
               : "stuck for two seconds, killed");
        stuck += !ended;
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    over = true;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pool_stop();
    printf("%d of %d children were stuck\n", stuck, children);
    return 0;
}
