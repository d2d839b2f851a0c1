// SPDX-License-Identifier: MIT
// xsubject.c -- the subject's half of xtalk.h: messages to the judge, and
// waiting for its answer.  Linked into the subjects of labs 7 to 9, in whose
// every process it runs; it keeps no state, so fork() does it no harm.
// Book: chapter 7.

#include "xtalk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void
x_hear(void *order, size_t size)
{
    ssize_t n;

    do
        n = recv(X_FD, order, size, 0);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)size)
        _exit(0);                       // the judge has heard enough
}

// Sends the event, and a descriptor with it if `fd` is not -1.
static void
send_event(struct x_event *e, int fd)
{
    struct iovec part = {e, sizeof(*e)};
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    if (fd >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof(control.room);
        control.head.cmsg_level = SOL_SOCKET;
        control.head.cmsg_type = SCM_RIGHTS;
        control.head.cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
    }
    while (sendmsg(X_FD, &message, MSG_NOSIGNAL) < 0)
        if (errno != EINTR)
            _exit(110);                 // there is no judge any more
}

static void
fill(struct x_event *e, int kind, const char *text, int n_numbers,
     const int64_t *n)
{
    memset(e, 0, sizeof(*e));
    e->kind = kind;
    if (text)
        strncpy(e->text, text, sizeof(e->text) - 1);
    if (n_numbers > X_NUMBERS)
        n_numbers = X_NUMBERS;
    memcpy(e->n, n, (size_t)n_numbers * sizeof(*n));
}

void
x_tell(int kind, const char *text, int n_numbers, const int64_t *n)
{
    struct x_event e;
    int saved = errno;

    fill(&e, kind, text, n_numbers, n);
    send_event(&e, -1);
    errno = saved;
}

// The judge gets the writing end of a pipe; its answer comes through that, or
// the end of the file.
int64_t
x_ask(int kind, const char *text, int n_numbers, const int64_t *n)
{
    struct x_event e;
    int saved = errno, way[2];
    int64_t answer = 0;
    ssize_t r;

    fill(&e, kind, text, n_numbers, n);
    e.is_waiting = 1;
    if (pipe2(way, O_CLOEXEC) < 0)
        _exit(111);
    send_event(&e, way[1]);
    close(way[1]);
    do
        r = read(way[0], &answer, sizeof(answer));
    while (r < 0 && errno == EINTR);
    close(way[0]);
    errno = saved;
    return r == (ssize_t)sizeof(answer) ? answer : 0;
}
