// SPDX-License-Identifier: MIT
// shapes.c -- twelve children of different length, four at once at most, in
// four orders.  The children are real, the time is not: a clock gives each
// living child one beat after the other, and waits for its answer.
// Book: chapter 8.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N = 12, SLOTS = 4 };
enum shape { ALONE, BATCHES, ANY_FIRST, IN_ORDER };

static const char *const name[] = {"alone", "batches", "any-first",
                                   "in-order"};
static const int work[N] = {3, 9, 2, 2, 4, 1, 3, 7, 2, 3, 1, 2};

struct kid {
    pid_t pid;
    int fd, born, ended, counted;      // -1: not yet
};

static void
start(struct kid *k, int beats, int now)
{
    int pair[2];
    char beat;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 ||
        (k->pid = fork()) < 0)
        exit(1);
    if (k->pid == 0) {
        close(pair[0]);
        // The last beat is answered by an exit.
        while (read(pair[1], &beat, 1) == 1 && --beats > 0)
            if (write(pair[1], &beat, 1) != 1)
                break;
        _exit(0);
    }
    close(pair[1]);
    k->fd = pair[0];
    k->born = now;
}

// One beat.  A child that ends is a zombie until somebody waits for it.
static void
beat(struct kid *k, int now)
{
    char byte = 0;

    if (k->born < 0 || k->ended >= 0)
        return;
    if (write(k->fd, &byte, 1) != 1 || read(k->fd, &byte, 1) != 1) {
        k->ended = now;
        close(k->fd);
    }
}

// May this child be waited for, and give its slot back?
static bool
may_count(enum shape shape, const struct kid *kid, int i)
{
    if (kid[i].ended < 0 || kid[i].counted >= 0)
        return false;
    return shape == ANY_FIRST || i == 0 || kid[i - 1].counted >= 0;
}

static int
run(enum shape shape)
{
    struct kid kid[N];
    int next = 0, busy = 0, counted = 0, now = 0;

    memset(kid, -1, sizeof(kid));
    while (counted < N) {
        bool may_start = shape != BATCHES || busy == 0;

        while (may_start && next < N && busy < (shape ? SLOTS : 1)) {
            start(&kid[next], work[next], now);
            next++;
            busy++;
        }
        now++;
        for (int i = 0; i < next; i++)
            beat(&kid[i], now);
        for (int i = 0; i < next; i++)
            if (may_count(shape, kid, i)) {
                waitpid(kid[i].pid, NULL, 0);
                kid[i].counted = now;
                counted++;
                busy--;
            }
    }
    for (int i = 0; i < N; i++)
        printf("%-9s %2d  starts %2d  ends %2d  counts %2d\n", name[shape],
               i, kid[i].born, kid[i].ended, kid[i].counted);
    return now;
}

int
main(int argc, char **argv)
{
    int beats[4] = {0};

    for (int s = ALONE; s <= IN_ORDER; s++)
        if (argc < 2 || !strcmp(argv[1], name[s]))
            beats[s] = run((enum shape)s);
    for (int s = ALONE; s <= IN_ORDER; s++)
        if (beats[s])
            printf("%-9s all told %d beats\n", name[s], beats[s]);
    return 0;
}
