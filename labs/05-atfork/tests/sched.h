// SPDX-License-Identifier: MIT
// sched.h -- what the subject asks of the scheduler in steps.c.
// Book: chapter 5.
#ifndef SCHED_H
#define SCHED_H

#include <pthread.h>
#include <stdbool.h>

#include "run.h"

extern struct run *sched_run;

// From now on this process's threads take turns; the caller is "main".
void sched_begin(struct run *run, const struct order *order);

// A thread of the subject's own; 0 or an errno.
int sched_create(pthread_t *id, const pthread_attr_t *attr,
                 void *(*call)(void *), void *arg, const char *who, int line);

// Let the others go on until they have made order->fork_at steps, or none can;
// then the caller goes before all others, until sched_let_go().
void sched_gate(void);
bool sched_gate_reached(void);
void sched_let_go(void);

// Wait for `object` to be woken; it is all the subject has in place of locks.
void sched_block(const char *call, const void *object);
void sched_wake(const void *object);
void sched_step(void);

void sched_note(enum what what, uint32_t arg, int line, const void *object);
uint64_t sched_random(void);
unsigned sched_process(void), sched_self(void), sched_generation(void);

void __tsan_init(void);

#endif
