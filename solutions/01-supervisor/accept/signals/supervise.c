// SPDX-License-Identifier: MIT
// supervise.c -- a right answer to lab 1: a supervisor process that sleeps in
// sigtimedwait(), finds its descendants by looking at everybody's parent, and
// leaves the result in shared memory; the caller polls its pidfd.
#include "supervise.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1 << 15 };

struct shared {
    int done, failed;  // failed: errno of the step that failed before exec
    struct sv_result result;
};

struct process {
    int pid, parent, below;
    char state;
};
static struct process all[MOST];
static int nall;

static int64_t
clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static int
is_target(const struct sv_spec *spec, int fd)
{
    for (size_t i = 0; i < spec->nfds; i++)
        if (spec->fds[i].child == fd)
            return 1;
    return 0;
}

// Copy all to numbers that nobody asked for, place the copies, close the rest.
static int
place_descriptors(const struct sv_spec *spec)
{
    int copy[spec->nfds + 1];
    for (size_t i = 0; i < spec->nfds; i++) {
        int from = 0;
        do
            copy[i] = fcntl(spec->fds[i].parent, F_DUPFD, from);
        while (copy[i] >= 0 && is_target(spec, copy[i]) &&
               (from = copy[i] + 1));
        if (copy[i] < 0)
            return -1;
    }
    for (size_t i = 0; i < spec->nfds; i++)
        if (dup2(copy[i], spec->fds[i].child) < 0)
            return -1;
    for (int fd = 0; fd < 4096; fd++)
        if (!is_target(spec, fd))
            close(fd);
    return 0;
}

static int
run_program(const struct sv_spec *spec)
{
    extern char **environ;
    sigset_t none;
    if (setsid() < 0 || (spec->cwd && chdir(spec->cwd) < 0) ||
        place_descriptors(spec) < 0)
        return errno;
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

static void
look_at_everybody(void)
{
    DIR *d = opendir("/proc");
    struct dirent *e;
    nall = 0;
    while (d && (e = readdir(d)) && nall < MOST) {
        char path[300], text[512], *end;
        if (!isdigit((unsigned char)e->d_name[0]))
            continue;
        snprintf(path, sizeof(path), "/proc/%s/stat", e->d_name);
        FILE *f = fopen(path, "re");
        if (!f)
            continue;
        struct process *p = &all[nall];
        p->below = 0;
        if (fgets(text, sizeof(text), f) && (end = strrchr(text, ')')) &&
            sscanf(text, "%d", &p->pid) == 1 &&
            sscanf(end, ") %c %d", &p->state, &p->parent) == 2)
            nall++;
        fclose(f);
    }
    if (d)
        closedir(d);
}

// Signal all descendants; how many are alive, `except` not counted.
static unsigned
signal_all(int sig, int except)
{
    unsigned alive = 0;
    int more = 1;
    look_at_everybody();
    while (more) {
        more = 0;
        for (int i = 0; i < nall; i++)
            for (int k = 0; k < nall && !all[i].below; k++)
                if (all[i].parent == getpid() ||
                    (all[k].pid == all[i].parent && all[k].below))
                    more = all[i].below = 1;
    }
    for (int i = 0; i < nall; i++)
        if (all[i].below && all[i].state != 'Z') {
            kill(all[i].pid, sig);
            alive += all[i].pid != except;
        }
    return alive;
}

static void
supervisor(const struct sv_spec *spec, struct shared *s, pid_t caller)
{
    struct sv_result *r = &s->result;
    sigset_t mine;
    int status, program_status = 0, ended = 0, killing = 0;
    int64_t start = clock_ms(), linger = INT64_MAX;
    sigemptyset(&mine);
    sigaddset(&mine, SIGCHLD);
    sigaddset(&mine, SIGTERM);
    for (int sig = 1; sig <= 64; sig++)
        signal(sig, SIG_DFL);
    setsid();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != caller)
        _exit(1);
    pid_t program = fork();
    if (program == 0) {
        s->failed = run_program(spec);
        _exit(127);
    }
    for (;;) {
        pid_t pid;
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
            if (pid == program) {
                program_status = status;
                ended = 1;
                if (spec->linger_ms >= 0)
                    linger = clock_ms() + spec->linger_ms;
            }
        if (pid < 0)
            break;
        int64_t t = clock_ms(), until = linger;
        if (spec->deadline_ms > 0 && start + spec->deadline_ms < until)
            until = start + spec->deadline_ms;
        // clock_ms() rounds down, so a time is over only in the next one.
        if (killing || t > until || r->watch_ended) {
            if (!killing) {
                r->timed_out = !r->watch_ended && spec->deadline_ms > 0 &&
                               t > start + spec->deadline_ms;
                signal_all(SIGSTOP, ended ? 0 : program);
                signal_all(SIGSTOP, ended ? 0 : program);
                r->strays = signal_all(SIGSTOP, ended ? 0 : program);
                killing = 1;
            }
            signal_all(SIGKILL, 0);
            until = t + 2;
        }
        int64_t left = until == INT64_MAX ? 3600000 : until - t + 1;
        struct timespec ts = {left / 1000, left % 1000 * 1000000};
        r->watch_ended |= sigtimedwait(&mine, NULL, &ts) == SIGTERM && !killing;
    }
    r->wall_ns = (clock_ms() - start) * 1000000;
    getrusage(RUSAGE_CHILDREN, &r->usage);
    if (s->failed) {
        r->code = s->failed;
    } else if (WIFSIGNALED(program_status)) {
        r->end = SV_SIGNALLED;
        r->code = WTERMSIG(program_status);
    } else {
        r->end = SV_EXITED;
        r->code = WEXITSTATUS(program_status);
    }
    s->done = 1;
    _exit(0);
}

static int had[MOST], nhad;  // the children that the caller had before

static int
is_new(const struct process *p)
{
    for (int i = 0; i < nhad; i++)
        if (had[i] == p->pid)
            return 0;
    return p->parent == getpid();
}

static void
note_children(void)
{
    look_at_everybody();
    nhad = 0;
    for (int i = 0; i < nall; i++)
        if (all[i].parent == getpid())
            had[nhad++] = all[i].pid;
}

// The supervisor was killed: what was below it comes to us, generation after
// generation.
static void
kill_heirs(void)
{
    int found;
    do {
        look_at_everybody();
        found = 0;
        for (int i = 0; i < nall; i++)
            if (is_new(&all[i])) {
                found = 1;
                kill(all[i].pid, SIGKILL);
                while (waitpid(all[i].pid, NULL, 0) < 0 && errno == EINTR)
                    continue;
            }
    } while (found);
}

int
supervise(const struct sv_spec *spec, struct sv_result *result)
{
    sigset_t every, before;
    struct shared *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED)
        return -errno;
    int was_subreaper;
    prctl(PR_GET_CHILD_SUBREAPER, &was_subreaper);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    note_children();
    sigfillset(&every);
    sigprocmask(SIG_SETMASK, &every, &before);
    pid_t caller = getpid(), pid = fork();
    if (pid == 0)
        supervisor(spec, s, caller);
    // Until the signals come back nobody can have reaped it, unless SIGCHLD is
    // ignored: then there is a pidfd only as long as it runs.
    int pidfd = pid < 0 ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
    sigprocmask(SIG_SETMASK, &before, NULL);
    int watching = spec->watch && pidfd >= 0;
    int64_t next = clock_ms() + spec->watch_ms;
    while (pidfd >= 0) {
        int64_t left = next - clock_ms();
        struct pollfd p = {.fd = pidfd, .events = POLLIN};
        int n = poll(&p, 1, !watching ? -1 : left > 0 ? (int)left : 0);
        if (n > 0)
            break;
        if (watching && clock_ms() >= next) {
            next = clock_ms() + spec->watch_ms;
            if (spec->watch(spec->watch_arg, pid)) {
                watching = 0;
                kill(pid, SIGTERM);
            }
        }
    }
    if (pidfd >= 0)
        close(pidfd);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    int error = pid < 0 ? -EAGAIN : s->done ? 0 : -EIO;
    if (error)
        kill_heirs();
    prctl(PR_SET_CHILD_SUBREAPER, was_subreaper);
    *result = s->result;
    munmap(s, sizeof(*s));
    return error;
}
