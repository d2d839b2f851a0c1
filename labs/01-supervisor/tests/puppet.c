// SPDX-License-Identifier: MIT
// puppet.c -- the program that the supervisor under test is given to run.
// It connects to the judge and does what it is told; see talk.h.
// Book: chapter 1.
//
//     puppet SOCKET TOKEN ...      be a puppet
//     puppet exit N                exit with N at once
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "talk.h"

static const char *path, *token;

// An exit status from 120 on means that a puppet could not play its part.
static int
meet_judge(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    struct hello hello = {0};
    strncpy(name.sun_path, path, sizeof(name.sun_path) - 1);
    strncpy(hello.token, token, sizeof(hello.token) - 1);
    hello.fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    if (hello.fd < 0 ||
        connect(hello.fd, (struct sockaddr *)&name, sizeof(name)) < 0 ||
        send(hello.fd, &hello, sizeof(hello), MSG_NOSIGNAL) < 0)
        _exit(120);
    return hello.fd;
}

static int
used_us(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (int)((u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 +
                 u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void
many(int n)
{
    for (int i = 0; i < n; i++) {
        pid_t pid = fork();
        if (pid < 0)
            _exit(121);
        while (pid == 0)
            pause();
    }
}

static noreturn void
deep(int n, int fd)
{
    for (int i = 0; i < n; i++) {
        pid_t pid = fork();
        if (pid < 0)
            _exit(121);
        while (pid > 0)
            pause();
    }
    send(fd, &n, sizeof(n), MSG_NOSIGNAL);
    for (;;)
        pause();
}

// True in the descendant, which has a connection of its own.
static bool
fork_child(int *fd, int daemon)
{
    pid_t pid = fork();
    if (pid < 0)
        _exit(121);
    if (pid > 0) {
        if (daemon)
            waitpid(pid, NULL, 0);
        return false;
    }
    close(*fd);
    if (daemon && (setsid() < 0 || (pid = fork()) != 0))
        _exit(pid < 0 ? 121 : 0);
    *fd = meet_judge();
    return true;
}

// Every few ms one that nobody but a subreaper will reap.
static noreturn void
tick(void)
{
    for (;;) {
        pid_t pid = fork();
        if (pid == 0) {
            fork();
            _exit(0);
        }
        waitpid(pid, NULL, 0);
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
}

static void run(int fd);

// The parent thread stays, and the child is its child, not the first thread's.
static void *
fork_in_thread(void *arg)
{
    int fd = *(int *)arg;
    if (fork_child(&fd, false))
        run(fd);
    while (pause() < 0)
        continue;
    return NULL;
}

static void
run(int fd)
{
    pthread_t thread;
    struct command c;
    for (;;) {
        int done = 0;
        if (recv(fd, &c, sizeof(c), 0) != sizeof(c))
            _exit(122);
        switch (c.op) {
        case PUPPET_EXIT:
            _exit(c.arg);
        case PUPPET_RAISE:
            raise(c.arg);
            break;
        case PUPPET_FORK:
        case PUPPET_DAEMON:
            if (fork_child(&fd, c.op == PUPPET_DAEMON))
                continue;
            break;
        case PUPPET_IGNORE:
            for (int sig = 1; sig <= 64; sig++)
                if (sig != SIGCHLD)
                    signal(sig, SIG_IGN);
            break;
        case PUPPET_BURN:
            while (used_us() < c.arg * 1000)
                continue;
            done = used_us();
            break;
        case PUPPET_MANY:
            many(c.arg);
            break;
        case PUPPET_DEEP:
            deep(c.arg, fd);
        case PUPPET_STOP:
            raise(SIGSTOP);
            break;
        case PUPPET_THREAD:
            if (pthread_create(&thread, NULL, fork_in_thread, &fd) != 0)
                _exit(121);
            break;
        case PUPPET_TICK:
            tick();
        case PUPPET_KILL:
            kill(c.arg, SIGKILL);
            continue;
        case PUPPET_HARE:
            for (;;)
                if (fork() > 0)
                    _exit(0);
        }
        if (send(fd, &done, sizeof(done), MSG_NOSIGNAL) < 0)
            _exit(122);
    }
}

int
main(int argc, char **argv)
{
    if (argc >= 3 && strcmp(argv[1], "exit") == 0)
        return atoi(argv[2]);
    if (argc < 3)
        return 123;
    path = argv[1];
    token = argv[2];
    run(meet_judge());
}
