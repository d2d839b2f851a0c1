// SPDX-License-Identifier: MIT
// supervise.c -- a wrong answer to lab 1: asks politely, and only politely.
#include "supervise.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MINE = 1 << 14 };  // children of the caller, at most

static int bell[2];  // the self-pipe
static int failure[2], orders[2], results[2];
static pid_t program;
static int program_status, program_ended;

static int64_t
now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void
close_pair(int p[2])
{
    close(p[0]);
    close(p[1]);
}

static void
ring(int sig)
{
    int saved = errno;
    (void)sig;
    if (write(bell[1], "", 1) < 0)
        errno = saved;  // full: it rings already
    errno = saved;
}

// ----------------------------------------------------------------- the program

static int
place_descriptors(const struct sv_spec *spec)
{
    int high = 3, *copy = calloc(spec->nfds + 1, sizeof(*copy));
    for (size_t i = 0; i < spec->nfds; i++)
        if (spec->fds[i].child >= high)
            high = spec->fds[i].child + 1;
    failure[1] = fcntl(failure[1], F_DUPFD_CLOEXEC, high);
    for (size_t i = 0; i < spec->nfds; i++)
        if ((copy[i] = fcntl(spec->fds[i].parent, F_DUPFD_CLOEXEC, high)) < 0)
            return -1;
    if (close_range(0, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
        return -1;
    for (size_t i = 0; i < spec->nfds; i++)
        if (dup2(copy[i], spec->fds[i].child) < 0)
            return -1;
    return 0;
}

static int
set_limits(const struct sv_spec *spec)
{
    for (size_t i = 0; i < spec->nlimits; i++) {
        struct rlimit r = {spec->limits[i].value, spec->limits[i].value};
        if (setrlimit(spec->limits[i].resource, &r) < 0)
            return -1;
    }
    return 0;
}

static void
become_program(const struct sv_spec *spec)
{
    extern char **environ;
    sigset_t none;
    setsid();
    for (int sig = 1; sig <= 64; sig++)
        signal(sig, SIG_DFL);
    sigemptyset(&none);
    if ((!spec->cwd || chdir(spec->cwd) == 0) && place_descriptors(spec) == 0 &&
        set_limits(spec) == 0) {
        sigprocmask(SIG_SETMASK, &none, NULL);
        execve(spec->argv[0], spec->argv, spec->envp ? spec->envp : environ);
    }
    int error = errno;
    if (write(failure[1], &error, sizeof(error)) < 0)
        _exit(126);
    _exit(127);
}

// -------------------------------------------------------------- the supervisor

static char
state_of(int pid)
{
    char path[64], text[512], *end;
    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return 'X';
    end = fgets(text, sizeof(text), f) ? strrchr(text, ')') : NULL;
    fclose(f);
    return end ? end[2] : 'X';
}

// Send sig to all below `root`; how many of them are alive.
static unsigned
signal_below(int root, int sig)
{
    char path[64], file[400];
    unsigned alive = 0;
    int child;
    snprintf(path, sizeof(path), "/proc/%d/task", root);
    DIR *tasks = opendir(path);
    struct dirent *e;
    while (tasks && (e = readdir(tasks))) {
        snprintf(file, sizeof(file), "%s/%s/children", path, e->d_name);
        FILE *f = e->d_name[0] == '.' ? NULL : fopen(file, "re");
        while (f && fscanf(f, "%d", &child) == 1) {
            kill(child, sig);
            alive += !strchr("ZX", state_of(child)) +
                     signal_below(child, sig);
        }
        if (f)
            fclose(f);
    }
    if (tasks)
        closedir(tasks);
    return alive;
}

// False when there is no child any more.
static int
reap(void)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (pid == program) {
            program_status = status;
            program_ended = 1;
        }
    return pid == 0;
}

// Add the children of this process to a list of at most `most`.
static size_t
list_mine(int *pid, size_t most)
{
    size_t n = 0;
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *e;
    while (tasks && (e = readdir(tasks))) {
        char path[300];
        snprintf(path, sizeof(path), "/proc/self/task/%s/children", e->d_name);
        FILE *f = e->d_name[0] == '.' ? NULL : fopen(path, "re");
        while (f && n < most && fscanf(f, "%d", &pid[n]) == 1)
            n++;
        if (f)
            fclose(f);
    }
    if (tasks)
        closedir(tasks);
    return n;
}

static void
kill_tree(struct sv_result *r)
{
    unsigned alive = 0, before;
    do {  // until no more turn up
        before = alive;
        alive = signal_below(getpid(), SIGSTOP);
    } while (alive != before);
    r->strays = alive;
    if (!program_ended && alive > 0 && !strchr("ZX", state_of(program)))
        r->strays--;
    while (reap()) {
        char sink[64];
        signal_below(getpid(), SIGTERM);
        signal_below(getpid(), SIGCONT);
        poll(&(struct pollfd){.fd = bell[0], .events = POLLIN}, 1, -1);
        while (read(bell[0], sink, sizeof(sink)) > 0)
            continue;
    }
}

static void
wait_for_end(const struct sv_spec *spec, struct sv_result *r, int64_t start)
{
    int64_t linger = -1;
    while (reap()) {
        int64_t now = now_ns(), wake = INT64_MAX;
        if (spec->deadline_ms > 0)
            wake = start + spec->deadline_ms * 1000000;
        if (now >= wake) {
            r->timed_out = true;
            return;
        }
        if (program_ended && spec->linger_ms >= 0) {
            if (linger < 0)
                linger = now + spec->linger_ms * 1000000;
            if (now >= linger)
                return;
            wake = linger < wake ? linger : wake;
        }
        struct pollfd p[] = {{.fd = bell[0], .events = POLLIN},
                             {.fd = orders[0], .events = POLLIN}};
        int ms = wake == INT64_MAX ? -1 : (int)((wake - now) / 1000000 + 1);
        if (poll(p, 2, ms) <= 0)
            continue;
        char sink[64];
        while (read(bell[0], sink, sizeof(sink)) > 0)
            continue;
        if (p[1].revents) {
            r->watch_ended = true;
            return;
        }
    }
}

static void
supervisor(const struct sv_spec *spec)
{
    struct sv_result r;
    struct sigaction chld = {.sa_handler = ring, .sa_flags = SA_RESTART};
    sigset_t mask;
    memset(&r, 0, sizeof(r));
    for (int sig = 1; sig <= 64; sig++)
        signal(sig, SIG_DFL);
    sigaction(SIGCHLD, &chld, NULL);
    sigfillset(&mask);
    sigdelset(&mask, SIGCHLD);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    setsid();
    close(orders[1]);
    close(results[0]);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    program_ended = 0;
    int64_t start = now_ns();
    program = fork();
    if (program < 0)
        _exit(1);
    if (program == 0)
        become_program(spec);
    close(failure[1]);
    wait_for_end(spec, &r, start);
    if (reap())
        kill_tree(&r);
    r.wall_ns = now_ns() - start;
    getrusage(RUSAGE_CHILDREN, &r.usage);
    if (read(failure[0], &r.code, sizeof(r.code)) == sizeof(r.code)) {
        r.end = SV_NOT_STARTED;
    } else if (WIFSIGNALED(program_status)) {
        r.end = SV_SIGNALLED;
        r.code = WTERMSIG(program_status);
    } else {
        r.end = SV_EXITED;
        r.code = WEXITSTATUS(program_status);
    }
    if (write(results[1], &r, sizeof(r)) < 0)
        _exit(1);
    _exit(0);
}

// ------------------------------------------------------------------ the caller

static int
read_result(const struct sv_spec *spec, pid_t pid, struct sv_result *result)
{
    int watching = spec->watch != NULL;
    int64_t next = now_ns() + spec->watch_ms * INT64_C(1000000);
    for (;;) {
        struct pollfd p = {.fd = results[0], .events = POLLIN};
        int64_t left = (next - now_ns()) / 1000000 + 1;
        int n = poll(&p, 1, !watching ? -1 : left > 0 ? (int)left : 0);
        if (n > 0) {
            ssize_t size = read(results[0], result, sizeof(*result));
            if (size < 0 && errno == EINTR)
                continue;
            return size == sizeof(*result) ? 0 : -EIO;
        }
        if (watching && now_ns() >= next) {
            next = now_ns() + spec->watch_ms * INT64_C(1000000);
            if (spec->watch(spec->watch_arg, pid)) {
                watching = 0;
                close(orders[1]);
                orders[1] = -1;
            }
        }
    }
}

// The supervisor is dead, and its children are ours: all but those that we had.
static void
inherit(const int *had, size_t n)
{
    for (;;) {
        static int pid[MINE];
        size_t all = list_mine(pid, MINE), left = 0;
        for (size_t i = 0; i < all; i++) {
            size_t k = 0;
            while (k < n && had[k] != pid[i])
                k++;
            if (k < n)
                continue;
            signal_below(pid[i], SIGKILL);
            kill(pid[i], SIGKILL);
            waitpid(pid[i], NULL, 0);
            left++;
        }
        if (left == 0)
            return;
    }
}

int
supervise(const struct sv_spec *spec, struct sv_result *result)
{
    static int had[MINE];
    sigset_t all, before;
    if (pipe2(bell, O_CLOEXEC | O_NONBLOCK) < 0)
        return -errno;
    if (pipe2(failure, O_CLOEXEC) < 0 || pipe2(orders, O_CLOEXEC) < 0 ||
        pipe2(results, O_CLOEXEC) < 0)
        return -errno;
    // Should the supervisor be killed, what is below it comes here.
    int was_subreaper = 0;
    prctl(PR_GET_CHILD_SUBREAPER, &was_subreaper);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    size_t n = list_mine(had, MINE);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        supervisor(spec);
    sigprocmask(SIG_SETMASK, &before, NULL);
    close_pair(bell);
    close_pair(failure);
    close(orders[0]);
    close(results[1]);
    int error = pid < 0 ? -EAGAIN : read_result(spec, pid, result);
    close(results[0]);
    if (orders[1] >= 0)
        close(orders[1]);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    if (error)
        inherit(had, n);
    prctl(PR_SET_CHILD_SUBREAPER, was_subreaper);
    return error;
}
