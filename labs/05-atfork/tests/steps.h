// SPDX-License-Identifier: MIT
// steps.h -- included in front of your atfork.c: whatever it does with a lock,
// a thread or a descriptor becomes a step that the scheduler of steps.c sees,
// with its line.  Every store to memory is a step, too: gcc's
// -fsanitize=thread calls for them.  Book: chapter 5.
#ifndef STEPS_H
#define STEPS_H

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int step_mutex_init(pthread_mutex_t *, const pthread_mutexattr_t *, int line);
int step_mutex_lock(pthread_mutex_t *, const char *text, int line);
int step_mutex_trylock(pthread_mutex_t *, const char *text, int line);
int step_mutex_unlock(pthread_mutex_t *, const char *text, int line);
int step_cond_init(pthread_cond_t *, const pthread_condattr_t *, int line);
int step_cond_destroy(pthread_cond_t *, const char *text, int line);
int step_cond_wait(pthread_cond_t *, pthread_mutex_t *, const char *text,
                   int line);
int step_cond_timedwait(pthread_cond_t *, pthread_mutex_t *, const char *text,
                        int line);
int step_cond_signal(pthread_cond_t *, const char *text, int line);
int step_cond_broadcast(pthread_cond_t *, const char *text, int line);
int step_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *,
                int line);
int step_join(pthread_t, void **, const char *text, int line);
int step_detach(pthread_t, int line);
_Noreturn void step_thread_exit(void *, int line);
int step_once(pthread_once_t *, void (*)(void), const char *text, int line);
int step_yield(int line);
ssize_t step_write(int fd, const void *, size_t, int line);
void *step_copy(void *to, const void *from, size_t n, int line);
char *step_strcpy(char *to, const char *from, int line);
int step_print(int line, char *to, size_t size, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void *step_map(void *, size_t, int prot, int flags, int fd, off_t, int line);

#ifndef STEPS_INSIDE
#define pthread_mutex_init(m, a) step_mutex_init(m, a, __LINE__)
#define pthread_mutex_lock(m) step_mutex_lock(m, #m, __LINE__)
#define pthread_mutex_trylock(m) step_mutex_trylock(m, #m, __LINE__)
#define pthread_mutex_unlock(m) step_mutex_unlock(m, #m, __LINE__)
#define pthread_cond_init(c, a) step_cond_init(c, a, __LINE__)
#define pthread_cond_destroy(c) step_cond_destroy(c, #c, __LINE__)
#define pthread_cond_wait(c, m) step_cond_wait(c, m, #c, __LINE__)
#define pthread_cond_timedwait(c, m, t) \
    ((void)(t), step_cond_timedwait(c, m, #c, __LINE__))
#define pthread_cond_signal(c) step_cond_signal(c, #c, __LINE__)
#define pthread_cond_broadcast(c) step_cond_broadcast(c, #c, __LINE__)
#define pthread_create(t, a, f, x) step_create(t, a, f, x, __LINE__)
#define pthread_join(t, r) step_join(t, r, #t, __LINE__)
#define pthread_detach(t) step_detach(t, __LINE__)
#define pthread_exit(r) step_thread_exit(r, __LINE__)
#define pthread_once(o, f) step_once(o, f, #o, __LINE__)
#define sched_yield() step_yield(__LINE__)
#define write(fd, b, n) step_write(fd, b, n, __LINE__)
#define memcpy(d, s, n) step_copy(d, s, n, __LINE__)
#define memmove(d, s, n) step_copy(d, s, n, __LINE__)
#define strcpy(d, s) step_strcpy(d, s, __LINE__)
#define snprintf(...) step_print(__LINE__, __VA_ARGS__)
#define mmap(a, n, p, f, d, o) step_map(a, n, p, f, d, o, __LINE__)
#endif

#endif
