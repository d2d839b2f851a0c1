// SPDX-License-Identifier: MIT
// trace.c -- the system calls by which a subject makes children, seen from
// outside by ptrace(2): what it says of itself, or how it is written, does not
// matter.  Used by judge.c.  Book: chapter 10.
//
// A thread does the tracing.  It goes on when a test has ended, however that
// came, since the dead are not gone before their tracer has heard of it.
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <sched.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct trace trace;       // under lock
static pid_t root;
static sem_t attached;
static int attach_error;

// What is traced; the thread's own.
static struct {
    pid_t tid;
    uint64_t flags;    // of its last call that makes something
} tasks[64];
static unsigned ntasks;

static int
task(pid_t tid)
{
    unsigned i = 0;
    while (i < ntasks && tasks[i].tid != tid)
        i++;
    if (i < ntasks)
        return (int)i;
    if (i == sizeof(tasks) / sizeof(tasks[0]))
        i = 0;  // more than a test can want; the count of `made` tells
    else
        ntasks++;
    tasks[i].tid = tid;
    tasks[i].flags = 0;
    return (int)i;
}

static size_t
read_all(pid_t pid, const char *name, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    memset(text, 0, size);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 2);
    if (fd >= 0)
        close(fd);
    return n < 0 ? 0 : (size_t)n;
}

static void
read_link(pid_t pid, const char *name, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    ssize_t n = readlink(path, text, size - 1);
    text[n < 0 ? 0 : n] = '\0';
}

static void
note_exec(struct trace *t, pid_t pid)
{
    char path[512];
    struct stat st;
    if (t->nexecs == TRACE_EXECS)
        return;
    struct trace_exec *e = &t->execs[t->nexecs++];
    e->pid = pid;
    read_link(pid, "exe", e->exe, sizeof(e->exe));
    // A file that a cell is given has no other name than the one inside.
    char *gone = strstr(e->exe, " (deleted)");
    if (gone)
        *gone = '\0';
    read_link(pid, "cwd", e->cwd, sizeof(e->cwd));
    read_all(pid, "cmdline", e->argv, sizeof(e->argv));
    read_all(pid, "environ", e->env, sizeof(e->env));
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    DIR *d = opendir(path);
    for (struct dirent *f; d && (f = readdir(d)) && e->nfds < TRACE_FDS;) {
        snprintf(path, sizeof(path), "/proc/%d/fd/%s", (int)pid, f->d_name);
        if (f->d_name[0] == '.' || stat(path, &st) < 0)
            continue;
        e->fds[e->nfds].fd = atoi(f->d_name);
        e->fds[e->nfds].device = st.st_dev;
        e->fds[e->nfds++].inode = st.st_ino;
    }
    if (d)
        closedir(d);
}

// Of clone3() the flags are in memory.
static uint64_t
flags_at(pid_t pid, uint64_t address)
{
    errno = 0;
    long v = ptrace(PTRACE_PEEKDATA, pid, (void *)(uintptr_t)address, NULL);
    return errno ? 0 : (uint64_t)v;
}

static void
enter(struct trace *t, pid_t tid, const struct __ptrace_syscall_info *s)
{
    uint64_t *flags = &tasks[task(tid)].flags;
    switch (s->entry.nr) {
#ifdef SYS_fork
    case SYS_fork: *flags = 0; break;
    case SYS_vfork: *flags = CLONE_VM | CLONE_VFORK; break;
#endif
    case SYS_clone: *flags = s->entry.args[0]; break;
    case SYS_clone3: *flags = flags_at(tid, s->entry.args[0]); break;
    case SYS_madvise:
        if (t->nadvice < TRACE_ADVICE)
            t->advice[t->nadvice++] = (struct trace_advice){
                s->entry.args[0], s->entry.args[1], (int)s->entry.args[2]};
        break;
    default: break;
    }
}

static void
at_syscall(struct trace *t, pid_t tid)
{
    struct __ptrace_syscall_info s;
    memset(&s, 0, sizeof(s));
    if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, (void *)sizeof(s), &s) > 0 &&
        s.op == PTRACE_SYSCALL_INFO_ENTRY)
        enter(t, tid, &s);
}

static void
at_event(struct trace *t, pid_t tid, int event)
{
    unsigned long pid = 0;
    if (event == PTRACE_EVENT_EXEC) {
        note_exec(t, tid);
        return;
    }
    if (event != PTRACE_EVENT_FORK && event != PTRACE_EVENT_VFORK &&
        event != PTRACE_EVENT_CLONE)
        return;
    ptrace(PTRACE_GETEVENTMSG, tid, NULL, &pid);
    if (t->nmade < TRACE_MADE)
        t->made[t->nmade++] = (struct trace_made){
            tid, (pid_t)pid, tasks[task(tid)].flags, t->nadvice};
}

// One task has stopped: note why, and let it go on.
static void
stopped(pid_t tid, int status)
{
    int sig = WSTOPSIG(status), event = status >> 16, pass = 0;
    if (event == PTRACE_EVENT_STOP && sig != SIGTRAP) {
        ptrace(PTRACE_LISTEN, tid, NULL, NULL);  // a signal that stops it
        return;
    }
    pthread_mutex_lock(&lock);
    if (sig == (SIGTRAP | 0x80))
        at_syscall(&trace, tid);
    else if (event)
        at_event(&trace, tid, event);
    else
        pass = sig;
    pthread_mutex_unlock(&lock);
    ptrace(PTRACE_SYSCALL, tid, NULL, (void *)(intptr_t)pass);
}

static void *
trace_main(void *arg)
{
    int status;
    pid_t tid;
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
                   PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                   PTRACE_O_TRACEEXEC;
    (void)arg;
    if (ptrace(PTRACE_SEIZE, root, NULL, (void *)options) < 0 ||
        ptrace(PTRACE_INTERRUPT, root, NULL, NULL) < 0)
        attach_error = errno;
    sem_post(&attached);
    if (attach_error)
        return NULL;
    while ((tid = waitpid(-1, &status, __WALL | __WNOTHREAD)) > 0 ||
           errno == EINTR)
        if (tid > 0 && WIFSTOPPED(status))
            stopped(tid, status);
    return NULL;
}

void
trace_start(struct judge *j, pid_t pid)
{
    pthread_t id;
    pthread_mutex_lock(&lock);
    memset(&trace, 0, sizeof(trace));
    trace.works = root == pid && !attach_error;
    pthread_mutex_unlock(&lock);
    if (root == pid)
        return;
    root = pid;
    sem_init(&attached, 0, 0);
    if (pthread_create(&id, NULL, trace_main, NULL))
        judge_fail(j, JUDGE_BROKEN, "a thread", "none");
    pthread_detach(id);
    while (sem_wait(&attached) < 0)
        continue;
    if (!attach_error) {
        pthread_mutex_lock(&lock);
        trace.works = true;
        pthread_mutex_unlock(&lock);
        return;
    }
    char text[2048];
    read_all(pid, "status", text, sizeof(text));
    char *tracer = strstr(text, "TracerPid:");
    if (!tracer || atoi(tracer + 10) == 0)
        judge_skip(j, "this machine does not allow the judge to trace the "
                   "submission (ptrace: %s)", strerror(attach_error));
    judge_note(j, "somebody is debugging the submission, so the judge does not "
               "see its system calls");
}

void
trace_look(struct trace *seen)
{
    pthread_mutex_lock(&lock);
    *seen = trace;
    pthread_mutex_unlock(&lock);
}
