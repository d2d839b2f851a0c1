// SPDX-License-Identifier: MIT
// demo.h -- what this chapter's small programs share: threads that meet, and
// how a child ends that may never end.  Book: chapter 5.
#ifndef THREADS_DEMO_H
#define THREADS_DEMO_H

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "../01-supervisor/demo.h"

// Two threads meet: one calls arrive(), the other await_arrival().
struct meeting {
    sem_t sem;
};

static inline void
arrive(struct meeting *m)
{
    sem_post(&m->sem);
}

static inline void
await_arrival(struct meeting *m)
{
    while (sem_wait(&m->sem) != 0)
        continue;
}

static inline pthread_t
start(void *(*call)(void *), void *arg)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, call, arg) != 0)
        _exit(2);
    return thread;
}

static inline int
count_threads(pid_t pid)
{
    char path[40];
    int n = 0;
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *dir = opendir(path);
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;)
        n += e->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return n;
}

// Does the process sleep in futex(), the call that locks are waited in?
static inline bool
in_futex(pid_t pid)
{
    char path[40], text[16] = "";
    snprintf(path, sizeof path, "/proc/%d/syscall", pid);
    FILE *f = fopen(path, "r");
    bool there = f && fgets(text, sizeof text, f) && atoi(text) == SYS_futex;
    if (f)
        fclose(f);
    return there;
}

// What becomes of a child: it ends, or it sleeps in futex() with no other
// thread that could wake it.  Then it is put out of its misery.
static inline const char *
fate(pid_t pid)
{
    int status;
    for (;;) {
        if (must(waitpid(pid, &status, WNOHANG)) == pid)
            return WIFSIGNALED(status) ? "was killed" :
                   WEXITSTATUS(status) == 0 ? "ended well" : "failed";
        if (in_futex(pid) && count_threads(pid) == 1)
            break;
        sched_yield();
    }
    kill(pid, SIGKILL);
    must(waitpid(pid, &status, 0));
    return "waits for ever";
}

#endif
