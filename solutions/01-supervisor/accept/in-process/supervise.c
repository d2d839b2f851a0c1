// SPDX-License-Identifier: MIT
// supervise.c -- a right answer to lab 1, without a process between: the caller
// is the subreaper itself for a while, tells the tree from its other children
// by having noted those before, and waits on pidfds.
//
// The price: for that while SIGCHLD has its default action in the caller, and
// orphans of its other children come to it, too.
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
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct list {
    int *pid;
    size_t n;
};

struct run {
    struct list before;     // children that the caller had
    struct list tree;       // parents before children
    struct sv_result *r;
    pid_t program;
    bool ended;
    int status;
};

static int64_t
now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void
add(struct list *l, int pid)
{
    l->pid = realloc(l->pid, (l->n + 1) * sizeof(*l->pid));
    if (!l->pid)
        abort();
    l->pid[l->n++] = pid;
}

static bool
has(const struct list *l, int pid)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->pid[i] == pid)
            return true;
    return false;
}

static void
add_children(struct list *l, int parent, const struct list *but)
{
    char path[64];
    int pid;
    snprintf(path, sizeof(path), "/proc/%d/task", parent);
    DIR *tasks = opendir(path);
    struct dirent *e;
    while (tasks && (e = readdir(tasks))) {
        snprintf(path, sizeof(path), "/proc/%d/task/%.16s/children", parent,
                 e->d_name);
        FILE *f = e->d_name[0] == '.' ? NULL : fopen(path, "re");
        while (f && fscanf(f, "%d", &pid) == 1)
            if (!but || !has(but, pid))
                add(l, pid);
        if (f)
            fclose(f);
    }
    if (tasks)
        closedir(tasks);
}

static bool
is_alive(int pid)
{
    char path[64], text[512] = "", *end;
    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    end = fgets(text, sizeof(text), f) ? strrchr(text, ')') : NULL;
    fclose(f);
    return end && end[2] != 'Z' && end[2] != 'X';
}

// ----------------------------------------------------------------- the program

static int
run_program(const struct sv_spec *spec, int *say)
{
    extern char **environ;
    sigset_t none;
    int above = 3, copy[spec->nfds + 1];
    for (int sig = 1; sig <= 64; sig++)
        signal(sig, SIG_DFL);
    if (setsid() < 0 || (spec->cwd && chdir(spec->cwd) < 0))
        return errno;
    for (size_t i = 0; i < spec->nfds; i++)
        if (spec->fds[i].child >= above)
            above = spec->fds[i].child + 1;
    *say = fcntl(*say, F_DUPFD_CLOEXEC, above);
    for (size_t i = 0; i < spec->nfds; i++)
        if ((copy[i] = fcntl(spec->fds[i].parent, F_DUPFD_CLOEXEC, above)) < 0)
            return errno;
    if (close_range(0, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
        return errno;
    for (size_t i = 0; i < spec->nfds; i++)
        dup2(copy[i], spec->fds[i].child);
    for (size_t i = 0; i < spec->nlimits; i++) {
        struct rlimit r = {spec->limits[i].value, spec->limits[i].value};
        if (setrlimit(spec->limits[i].resource, &r) < 0)
            return errno;
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(spec->argv[0], spec->argv, spec->envp ? spec->envp : environ);
    return errno;
}

// -------------------------------------------------------------------- the tree

static void
find_tree(struct run *run)
{
    run->tree.n = 0;
    add_children(&run->tree, getpid(), &run->before);
    for (size_t i = 0; i < run->tree.n; i++)
        add_children(&run->tree, run->tree.pid[i], NULL);
}

static void
add_time(struct timeval *sum, const struct timeval *t)
{
    sum->tv_sec += t->tv_sec;
    sum->tv_usec += t->tv_usec;
    if (sum->tv_usec >= 1000000) {
        sum->tv_usec -= 1000000;
        sum->tv_sec++;
    }
}

// Reap the dead among our own children of the tree.  True if some are left.
static bool
reap(struct run *run)
{
    struct list mine = {0};
    bool left = false;
    add_children(&mine, getpid(), &run->before);
    for (size_t i = 0; i < mine.n; i++) {
        struct rusage u;
        int status;
        if (wait4(mine.pid[i], &status, WNOHANG, &u) != mine.pid[i]) {
            left = true;
            continue;
        }
        left = true;  // its children may be ours by now: look again
        add_time(&run->r->usage.ru_utime, &u.ru_utime);
        add_time(&run->r->usage.ru_stime, &u.ru_stime);
        if (u.ru_maxrss > run->r->usage.ru_maxrss)
            run->r->usage.ru_maxrss = u.ru_maxrss;
        if (mine.pid[i] == run->program) {
            run->ended = true;
            run->status = status;
        }
    }
    free(mine.pid);
    return left;
}

// Sleep until one of our children of the tree ends, or until `when`.
static void
doze(struct run *run, int64_t when)
{
    struct list mine = {0};
    add_children(&mine, getpid(), &run->before);
    struct pollfd *p = calloc(mine.n + 1, sizeof(*p));
    if (!p)
        abort();
    for (size_t i = 0; i < mine.n; i++) {
        p[i].fd = (int)syscall(SYS_pidfd_open, mine.pid[i], 0);
        p[i].events = POLLIN;
    }
    int64_t left = when - now_ns();
    struct timespec t = {left / 1000000000, left % 1000000000};
    if (left > 0)
        ppoll(p, mine.n, when == INT64_MAX ? NULL : &t, NULL);
    for (size_t i = 0; i < mine.n; i++)
        close(p[i].fd);
    free(p);
    free(mine.pid);
}

static void
kill_tree(struct run *run)
{
    size_t before;
    do {
        before = run->tree.n;
        find_tree(run);
        for (size_t i = 0; i < run->tree.n; i++)
            kill(run->tree.pid[i], SIGSTOP);
    } while (run->tree.n != before);
    for (size_t i = 0; i < run->tree.n; i++)
        run->r->strays += run->tree.pid[i] != run->program &&
                          is_alive(run->tree.pid[i]);
    while (reap(run)) {
        find_tree(run);
        for (size_t i = run->tree.n; i-- > 0;)
            kill(run->tree.pid[i], SIGKILL);
        doze(run, now_ns() + 2000000);
    }
}

static int64_t
earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void
wait_for_end(struct run *run, const struct sv_spec *spec, int64_t start)
{
    int64_t deadline = INT64_MAX, linger = INT64_MAX, watch = INT64_MAX;
    if (spec->deadline_ms > 0)
        deadline = start + spec->deadline_ms * 1000000;
    if (spec->watch)
        watch = start + spec->watch_ms * INT64_C(1000000);
    while (reap(run)) {
        int64_t now = now_ns();
        if (run->ended && linger == INT64_MAX && spec->linger_ms >= 0)
            linger = now + spec->linger_ms * 1000000;
        run->r->timed_out = now >= deadline;
        if (now >= watch) {
            watch = now + spec->watch_ms * INT64_C(1000000);
            run->r->watch_ended = spec->watch(spec->watch_arg, getpid()) != 0;
        }
        if ((now >= deadline || run->r->watch_ended || now >= linger) &&
            reap(run)) {
            kill_tree(run);
            return;
        }
        // An orphan becomes ours without a word, so look now and then.
        int64_t look = run->ended ? now + 5000000 : INT64_MAX;
        doze(run, earlier(earlier(deadline, linger), earlier(watch, look)));
    }
}

int
supervise(const struct sv_spec *spec, struct sv_result *result)
{
    struct run run = {.r = result};
    struct sigaction dfl = {.sa_handler = SIG_DFL}, chld;
    sigset_t all, mask;
    int p[2], was;
    if (pipe2(p, O_CLOEXEC) < 0)
        return -errno;
    memset(result, 0, sizeof(*result));
    prctl(PR_GET_CHILD_SUBREAPER, &was);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigaction(SIGCHLD, &dfl, &chld);
    add_children(&run.before, getpid(), NULL);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &mask);
    int64_t start = now_ns();
    run.program = fork();
    if (run.program == 0) {
        int error = run_program(spec, &p[1]);
        if (write(p[1], &error, sizeof(error)) < 0)
            _exit(126);
        _exit(127);
    }
    int error = run.program < 0 ? -errno : 0;
    sigprocmask(SIG_SETMASK, &mask, NULL);
    close(p[1]);
    if (!error)
        wait_for_end(&run, spec, start);
    result->wall_ns = now_ns() - start;
    while (!error && read(p[0], &result->code, sizeof(result->code)) < 0 &&
           errno == EINTR)
        continue;
    if (result->code != 0) {
        result->end = SV_NOT_STARTED;
    } else if (WIFSIGNALED(run.status)) {
        result->end = SV_SIGNALLED;
        result->code = WTERMSIG(run.status);
    } else {
        result->end = SV_EXITED;
        result->code = WEXITSTATUS(run.status);
    }
    close(p[0]);
    sigaction(SIGCHLD, &chld, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, was);
    free(run.before.pid);
    free(run.tree.pid);
    return error;
}
