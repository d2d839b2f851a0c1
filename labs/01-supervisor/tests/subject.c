// SPDX-License-Identifier: MIT
// subject.c -- the caller of supervise(): your supervise.c is linked with it.
// It does what the judge (descriptor 3) orders: brings about the circumstances,
// calls supervise(), says what it returned.  What really happened the judge
// sees for itself.  Book: chapter 1.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "talk.h"

static struct order order;
static struct answer answer;

static void
hear(void *buf, size_t size)
{
    ssize_t n;
    do
        n = recv(TALK_FD, buf, size, 0);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)size)
        _exit(0);  // the judge has heard enough
}

static void
say(const void *buf, size_t size)
{
    while (send(TALK_FD, buf, size, MSG_NOSIGNAL) < 0)
        if (errno == EBADF || errno == ENOTSOCK) {
            static const char why[] = "subject: supervise() closed the "
                "caller's descriptor 3, on which it talks to the judge\n";
            if (write(STDERR_FILENO, why, sizeof(why) - 1) < 0)
                _exit(112);
            _exit(110);
        } else if (errno != EINTR) {
            _exit(110);
        }
}

static void
on_alarm(int sig)
{
    (void)sig;
    answer.storms++;
}

static int64_t first_watch;

static int64_t
now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static int
watch(void *arg, int supervisor)
{
    struct answer *a = arg;
    char count;
    a->watch_pid = supervisor;
    a->watch_in = getpid();
    if (a->watch_calls == 0 && recv(TALK_FD, &count, 1, MSG_DONTWAIT) != 1)
        return 0;  // the judge has not met the program yet
    if (a->watch_calls == 0)
        first_watch = now_us();
    a->watch_us = now_us() - first_watch;
    return ++a->watch_calls == order.watch_calls;
}

// Asked by the judge, one of the others has a child: younger than what
// supervise() has started by then.
static void
on_ask(int sig)
{
    (void)sig;
    if (fork() == 0)
        for (;;)
            pause();
}

static void
make_others(void)
{
    static int made;
    // Theirs from birth: they may be asked before they have had a core.
    void (*mine)(int) = signal(SIGUSR1, on_ask);
    for (; made < order.others; made++) {
        pid_t pid = fork();
        if (pid < 0)
            _exit(111);
        if (pid == 0) {
            if (made % 2)
                _exit(0);
            for (;;)
                pause();
        }
        siginfo_t info;
        if (made % 2)
            waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    }
    signal(SIGUSR1, mine);
}

static void
burn(void)
{
    pid_t pid = order.burnt_ms ? fork() : -1;
    if (pid == 0) {
        struct timespec t;
        do
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        while (t.tv_sec * 1000 + t.tv_nsec / 1000000 < order.burnt_ms);
        _exit(0);
    }
    if (pid > 0)
        waitpid(pid, NULL, 0);
}

static void
set_up(void)
{
    sigset_t blocked;
    sigemptyset(&blocked);
    for (int sig = 1; sig <= 64; sig++) {
        if (order.blocked >> (sig - 1) & 1)
            sigaddset(&blocked, sig);
        if (order.ignored >> (sig - 1) & 1)
            signal(sig, SIG_IGN);
    }
    make_others();
    burn();
    if (order.circumstances & IGNORE_SIGCHLD)
        signal(SIGCHLD, SIG_IGN);
    prctl(PR_SET_CHILD_SUBREAPER, (order.circumstances & SUBREAPER) != 0);
    for (int fd = 0; fd < 1024 && order.circumstances & CLOSE_ON_EXEC; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
    if (order.circumstances & STORM) {
        struct sigaction handler = {.sa_handler = on_alarm};
        struct itimerval storm = {{0, 3000}, {0, 3000}};
        sigaction(SIGALRM, &handler, NULL);
        setitimer(ITIMER_REAL, &storm, NULL);
    }
}

static void
call(void)
{
    char *argv[WORDS + 1] = {NULL}, *env[WORDS + 1] = {NULL};
    for (int i = 0; i < order.argc; i++)
        argv[i] = order.argv[i];
    for (int i = 0; i < order.envc; i++)
        env[i] = order.env[i];
    struct sv_spec spec = {
        .argv = argv,
        .envp = order.envc < 0 ? NULL : env,
        .cwd = *order.cwd ? order.cwd : NULL,
        .fds = order.fds,
        .nfds = order.nfds,
        .limits = order.limits,
        .nlimits = order.nlimits,
        .deadline_ms = order.deadline_ms,
        .linger_ms = order.linger_ms,
        .watch = order.watch_calls ? watch : NULL,
        .watch_arg = &answer,
        .watch_ms = order.watch_ms,
    };
    for (int i = 0; i < order.times && answer.returned == 0; i++) {
        memset(&answer.result, 0xee, sizeof(answer.result));
        answer.returned = supervise(&spec, &answer.result);
    }
}

static void
look_after(void)
{
    struct itimerval timer;
    prctl(PR_GET_CHILD_SUBREAPER, &answer.subreaper);
    getitimer(ITIMER_REAL, &timer);
    answer.timer_us = (int)timer.it_interval.tv_usec;
}

int
main(void)
{
    for (;;) {
        char go;
        int self = getpid();
        hear(&order, sizeof(order));  // the judge looks at what is left
        set_up();
        say(&self, sizeof(self));
        hear(&go, 1);
        memset(&answer, 0, sizeof(answer));
        call();
        look_after();
        say(&answer, sizeof(answer));
    }
}
