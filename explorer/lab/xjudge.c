// SPDX-License-Identifier: MIT
// xjudge.c -- the judge's half of xtalk.h.  Trusted: linked into the judges of
// labs 7 to 9.  Book: chapter 7.

#include "xjudge.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proc.h"

enum {
    LOOK_MS = 100,
    QUIET_LOOKS = 30,        // so often has nothing moved: nothing will
    IDLE_LOOKS = 40,         // so often did nobody run: all sleep, or nap
};

void
x_start(struct x_run *r, struct judge *j, const struct cell_spec *limits)
{
    char *argv[] = {"/built/subject", NULL};
    struct cell_spec spec = limits ? *limits : (struct cell_spec){0};
    struct sv_fd channel;
    int pair[2], yes = 1;

    // SO_PASSCRED: the kernel writes the sender's number beside each message.
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 ||
        setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)) < 0)
        judge_fail(j, JUDGE_BROKEN, "a socket", "%s", strerror(errno));
    channel = (struct sv_fd){X_FD, pair[1]};
    spec.argv = argv;
    spec.fds = &channel;
    spec.nfds = 1;
    r->j = j;
    r->fd = pair[0];
    r->cell = judge_start(j, &spec);
    close(pair[1]);
}

void
x_order(struct x_run *r, const void *order, size_t size)
{
    judge_send(r->j, r->cell, r->fd, order, size);
}

pid_t
x_parent_of(pid_t pid)
{
    char path[64], line[512], *p;
    pid_t parent = 0;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    if (!(f = fopen(path, "re")))
        return 0;
    // pid (name) state parent ...; the name may hold anything.
    if (fgets(line, sizeof(line), f) && (p = strrchr(line, ')')) &&
        strlen(p) > 4)
        parent = (pid_t)strtol(p + 4, NULL, 10);
    fclose(f);
    return parent;
}

static int
add_moves(pid_t pid, void *arg)
{
    struct x_moves *m = arg;
    char path[64], line[512], state = 'X', *p;
    unsigned long n, user, system;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    if (!(f = fopen(path, "re")))
        return 0;
    // Fields 14 and 15, the name in field 2 may hold anything.
    if (fgets(line, sizeof(line), f) && (p = strrchr(line, ')')) &&
        sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
               &user, &system) == 2)
        m->ticks += user + system;
    fclose(f);
    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    if (!(f = fopen(path, "re")))
        return 0;
    while (fgets(line, sizeof(line), f)) {
        sscanf(line, "State: %c", &state);
        if (sscanf(line, "voluntary_ctxt_switches: %lu", &n) == 1) {
            m->switches += n;
            m->sum += n;
        }
        if (sscanf(line, "nonvoluntary_ctxt_switches: %lu", &n) == 1)
            m->sum += n;
    }
    fclose(f);
    m->sum = m->sum * 31 + (uint64_t)pid * 7 + (uint64_t)state;
    m->running += state == 'R' || state == 'D' || state == 't';
    return 0;
}

struct x_moves
x_moves_of(pid_t pid)
{
    struct x_moves m = {0};

    if (!pid)
        return (struct x_moves){.running = 1};
    add_moves(pid, &m);
    proc_walk(pid, add_moves, &m);
    return m;
}

// Until there is something to take, or an end.  A time is not what ends this,
// for a loaded machine may need any: who has something to do runs, or waits for
// a processor, and does so whenever we look.
static void
await(struct x_run *r, const char *what)
{
    struct pollfd p = {.fd = r->fd, .events = POLLIN};
    uint64_t before = 0;
    int quiet = 0, idle = 0;
    pid_t pid;

    while (poll(&p, 1, LOOK_MS) == 0 && (pid = judge_pid(r->cell)) != 0) {
        struct x_moves m = x_moves_of(pid);

        quiet = m.sum == before && !m.running ? quiet + 1 : 0;
        // A look may miss who begins between two others: work makes good for it.
        idle = m.running ? idle / 2 : idle + 1;
        before = m.sum;
        if (quiet >= QUIET_LOOKS || idle >= IDLE_LOOKS)
            judge_fail(r->j, JUDGE_TIMEOUT, what, "all processes sleep: each "
                       "waits for something that never comes");
    }
}

// Takes what the kernel put beside a message.
static void
take_control(struct msghdr *message, struct x_seen *e)
{
    struct cmsghdr *c;

    for (c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET)
            continue;
        if (c->cmsg_type == SCM_CREDENTIALS) {
            struct ucred sender;

            memcpy(&sender, CMSG_DATA(c), sizeof(sender));
            e->pid = sender.pid;
        } else if (c->cmsg_type == SCM_RIGHTS) {
            memcpy(&e->answer_fd, CMSG_DATA(c), sizeof(int));
        }
    }
}

bool
x_next(struct x_run *r, struct x_seen *e, const char *what)
{
    // Room for one descriptor: the kernel closes what does not fit.
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct x_event event;
    struct iovec part = {&event, sizeof(event)};
    struct msghdr message;
    ssize_t n;

    memset(e, 0, sizeof(*e));
    e->answer_fd = -1;
    do {
        await(r, what);
        if (!judge_wait(r->j, r->cell, r->fd, what))
            return false;
        message = (struct msghdr){
            .msg_iov = &part, .msg_iovlen = 1,
            .msg_control = &control, .msg_controllen = sizeof(control),
        };
        n = recvmsg(r->fd, &message,
                    MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_CLOEXEC);
    } while (n < 0 && (errno == EAGAIN || errno == EINTR));
    if (n < 0)
        judge_fail(r->j, JUDGE_BROKEN, "a message", "%s", strerror(errno));
    take_control(&message, e);
    if (n == 0 && e->pid == 0)
        return false;           // nobody sent it: the other end is closed
    if (n != sizeof(event) || (event.is_waiting && e->answer_fd < 0))
        judge_fail(r->j, JUDGE_CHEAT, what, "a message that subject.c does "
                   "not send");
    event.text[sizeof(event.text) - 1] = '\0';
    e->kind = event.kind;
    memcpy(e->n, event.n, sizeof(e->n));
    memcpy(e->text, event.text, sizeof(e->text));
    if (e->answer_fd >= 0)
        e->parent = x_parent_of(e->pid);
    return true;
}

void
x_expect(struct x_run *r, struct x_seen *e, int kind, const char *what)
{
    if (!x_next(r, e, what)) {
        judge_note(r->j, "what was to come next: %s", what);
        judge_want_exit(r->j, r->cell, 0);
        judge_fail(r->j, JUDGE_SILENT, what, "the subject ended without it");
    }
    if (e->kind != kind)
        judge_fail(r->j, JUDGE_WRONG, what, "message %d '%s' in its place",
                   e->kind, e->text);
}

void
x_answer(struct x_seen *e, int64_t answer)
{
    if (e->answer_fd < 0)
        return;
    // The sender may be dead by now; that shows elsewhere.
    if (write(e->answer_fd, &answer, sizeof(answer)) < 0)
        e->parent = 0;
    close(e->answer_fd);
    e->answer_fd = -1;
}

void
x_end(struct x_run *r)
{
    shutdown(r->fd, SHUT_WR);
    judge_want_exit(r->j, r->cell, 0);
    close(r->fd);
}
