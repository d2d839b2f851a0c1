// SPDX-License-Identifier: MIT
// fake-judge.c -- the judge of the made-up lab in tests/lab, on which the
// suite `grader` tries the grader itself.  One test a way to end.
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../judge.h"

static struct cell *
start(struct judge *j, int *channel)
{
    int pair[2];
    char *argv[] = {"/built/subject", NULL};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        abort();
    struct sv_fd fd = {3, pair[1]};
    struct cell_spec spec = {.argv = argv, .fds = &fd, .nfds = 1};
    struct cell *c = judge_start(j, &spec);
    close(pair[1]);
    *channel = pair[0];
    return c;
}

// A file in a directory, to be removed after the test.
static void
leave_something(const char *scratch)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/deep", scratch);
    if (mkdir(path, 0755) < 0)
        abort();
    snprintf(path, sizeof path, "%s/deep/file", scratch);
    FILE *f = fopen(path, "w");
    if (!f || fputs("left\n", f) < 0 || fclose(f) != 0)
        abort();
}

// The submission adds two numbers.
static void
sum(struct judge *j)
{
    int channel, got;
    leave_something(judge_scratch(j));
    int question[2] = {(int)judge_range(j, 0, 1000),
                       (int)judge_range(j, 0, 1000)};
    judge_input(j, "%d and %d", question[0], question[1]);
    struct cell *c = start(j, &channel);
    judge_send(j, c, channel, question, sizeof question);
    judge_recv(j, c, channel, &got, sizeof got, "the sum");
    judge_int(j, "the sum", question[0] + question[1], got);
    judge_want_exit(j, c, 0);
}

static void
partial(struct judge *j)
{
    judge_credit(j, 1, 4);
    judge_fail(j, JUDGE_WRONG, "all four parts", "one of them");
}

static void
hidden(struct judge *j)
{
    sum(j);
}

static void
skip(struct judge *j)
{
    judge_skip(j, "no %s here", "<fish> & chips");
}

static void
judge_dies(struct judge *j)
{
    (void)j;
    abort();
}

int
main(int argc, char **argv)
{
    static const struct judge_test all[] = {
        {"sum", sum}, {"partial", partial}, {"hidden", hidden},
        {"skip", skip},
        {"judge-dies", judge_dies}};
    JUDGE_MAIN(argc, argv, all);
}
