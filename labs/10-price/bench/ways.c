// SPDX-License-Identifier: MIT
// ways.c -- the ways to make a process, or to do without; each is timed from
// the call to the last trace of the child.  Used by rounds.c.
// Book: chapter 10.
#include "ways.h"
#include "clock.h"

#include <errno.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const char *const way_names[WAYS] = {
    "fork", "vfork", "clone3_vm_vfork", "clone_pidfd", "fork_exec",
    "posix_spawn", "pthread_create", "pool",
};

const char *const writer_names[WRITERS] = {
    "nobody", "child", "parent", "parent_late",
};

static char *const exit_args[] = {"bench-fork", WAY_EXIT_ARG, NULL};
static char *const no_environment[] = {NULL};

static void
dirty(const struct after *a)
{
    volatile char *p = a->base;
    for (long i = 0; i < a->pages; i++, p += a->step)
        *p = 2;
}

static pid_t
make_fork(struct maker *m, const struct after *after)
{
    pid_t pid = fork();
    if (pid == 0) {
        char c;
        if (after->who == CHILD)
            dirty(after);
        else if (after->who == PARENT)
            (void)!read(m->hold[0], &c, 1);
        _exit(0);
    }
    return pid;
}

static pid_t
make_vfork(void)
{
    pid_t pid = vfork();
    if (pid == 0)
        _exit(0);
    return pid;
}

// The child runs on the parent's stack, as after vfork: it may not return
// from the function that made it, so both system calls are written out here.
static pid_t
make_clone3(void)
{
#ifdef __x86_64__
    struct clone_args args = {.flags = CLONE_VM | CLONE_VFORK,
                              .exit_signal = SIGCHLD};
    long r;
    __asm__ volatile("syscall\n\t"
                     "test %%rax, %%rax\n\t"
                     "jnz 1f\n\t"
                     "mov %[exit], %%eax\n\t"
                     "xor %%edi, %%edi\n\t"
                     "syscall\n"
                     "1:"
                     : "=a"(r)
                     : "a"((long)SYS_clone3), "D"(&args), "S"(sizeof args),
                       [exit] "i"(SYS_exit_group)
                     : "rcx", "r11", "memory", "cc");
    if (r >= 0)
        return (pid_t)r;
    errno = (int)-r;
    return -1;
#else
    errno = ENOSYS;
    return -1;
#endif
}

static pid_t
make_pidfd(int *fd)
{
    long pid = syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, 0L, fd, 0L, 0L);
    if (pid == 0)
        _exit(0);
    return (pid_t)pid;
}

static pid_t
make_fork_exec(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        execve("/proc/self/exe", exit_args, no_environment);
        _exit(127);
    }
    return pid;
}

static pid_t
make_spawn(void)
{
    pid_t pid;
    int error = posix_spawn(&pid, "/proc/self/exe", NULL, NULL, exit_args,
                            no_environment);
    if (error == 0)
        return pid;
    errno = error;
    return -1;
}

static pid_t
make(struct maker *m, enum way way, const struct after *after, int *pidfd)
{
    switch (way) {
    case WAY_FORK: return make_fork(m, after);
    case WAY_VFORK: return make_vfork();
    case WAY_CLONE3: return make_clone3();
    case WAY_PIDFD: return make_pidfd(pidfd);
    case WAY_FORK_EXEC: return make_fork_exec();
    case WAY_SPAWN: return make_spawn();
    default: errno = EINVAL; return -1;
    }
}

static double
time_us(const struct timeval *t)
{
    return (double)t->tv_sec * 1e6 + (double)t->tv_usec;
}

static long
faults(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_minflt;
}

// Exit and wait apart: waitid() with WNOWAIT returns when the child has ended,
// the address space gone with it, and leaves the zombie to wait4().
static int
process_once(struct maker *m, enum way way, const struct after *after,
             struct sample *s)
{
    siginfo_t info;
    struct rusage child;
    int pidfd = -1, status;
    long f0 = faults();
    double c0 = core_us(), t0 = wall_us();
    pid_t pid = make(m, way, after, &pidfd);
    double t1 = wall_us();
    if (pid < 0)
        return -errno;
    m->made++;
    if (after->who == PARENT) {
        dirty(after);
        (void)!write(m->hold[1], "", 1);
    }
    int r;
    do
        r = pidfd >= 0
                ? waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOWAIT)
                : waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    while (r < 0 && errno == EINTR);
    double t2 = wall_us();
    while (wait4(pid, &status, 0, &child) < 0)
        if (errno != EINTR)
            return -errno;
    m->reaped++;
    if (pidfd >= 0)
        close(pidfd);
    double t3 = wall_us();
    if (after->who == PARENT_LATE)
        dirty(after);
    double t4 = wall_us();
    s->core = core_us() - c0 + time_us(&child.ru_utime) +
              time_us(&child.ru_stime);
    s->wall = t4 - t0;
    s->create = t1 - t0;
    s->exit = t2 - t1;
    s->reap = t3 - t2;
    s->faults_parent = (double)(faults() - f0);
    s->faults_child = (double)child.ru_minflt;
    return status == 0 ? 0 : -ENOEXEC;
}

static void *
nothing(void *arg)
{
    return arg;
}

static int
thread_once(struct sample *s)
{
    pthread_t id;
    long f0 = faults();
    double c0 = core_us(), t0 = wall_us();
    int error = pthread_create(&id, NULL, nothing, NULL);
    double t1 = wall_us();
    if (error)
        return -error;
    pthread_join(id, NULL);
    double t2 = wall_us();
    *s = (struct sample){.wall = t2 - t0, .create = t1 - t0, .exit = t2 - t1,
                         .core = core_us() - c0,
                         .faults_parent = (double)(faults() - f0)};
    return 0;
}

static double
core_of(pid_t pid)
{
    clockid_t id;
    struct timespec t;
    if (clock_getcpuclockid(pid, &id) != 0 || clock_gettime(id, &t) < 0)
        return 0;
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
pool_once(struct maker *m, struct sample *s)
{
    char c;
    double w0 = core_of(m->pool), c0 = core_us(), t0 = wall_us();
    if (write(m->ask[1], "", 1) != 1)
        return -errno;
    double t1 = wall_us();
    if (read(m->answer[0], &c, 1) != 1)
        return -EPIPE;
    double t2 = wall_us();
    *s = (struct sample){.wall = t2 - t0, .create = t1 - t0, .exit = t2 - t1,
                         .core = core_us() - c0 + core_of(m->pool) - w0};
    return 0;
}

int
way_once(struct maker *m, enum way way, const struct after *after,
         struct sample *s)
{
    if (way == WAY_THREAD)
        return thread_once(s);
    if (way == WAY_POOL)
        return pool_once(m, s);
    return process_once(m, way, after, s);
}

int
maker_open(struct maker *m)
{
    *m = (struct maker){0};
    if (pipe(m->hold) < 0 || pipe(m->ask) < 0 || pipe(m->answer) < 0)
        return -errno;
    m->pool = fork();
    if (m->pool < 0)
        return -errno;
    if (m->pool > 0) {
        m->made++;
        close(m->ask[0]);
        close(m->answer[1]);
        return 0;
    }
    char c;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(m->ask[1]);
    close(m->answer[0]);
    while (read(m->ask[0], &c, 1) == 1)
        if (write(m->answer[1], &c, 1) != 1)
            break;
    _exit(0);
}

int
maker_close(struct maker *m)
{
    int left = 0;
    close(m->ask[1]);
    if (waitpid(m->pool, NULL, 0) == m->pool)
        m->reaped++;
    while (waitpid(-1, NULL, 0) > 0)
        left++;
    return left;
}
