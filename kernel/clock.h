// SPDX-License-Identifier: MIT
// clock.h -- the timer's ticks, and time, which is not the same thing: while
// interrupts are off ticks get lost, so time is the TSC's.  Book: chapter 4.
#ifndef CLOCK_H
#define CLOCK_H

#include "base.h"

extern uint64_t clock_ticks;        // at the rate asked for, as far as seen
extern uint64_t clock_period;       // of a tick, in TSC units; may change
extern uint64_t clock_tsc_per_us;

// Calibrate the TSC and start the timer, `hz` ticks a second.
void clock_init(uint64_t hz);

// Channel 0 of the PIT, one interrupt every `divisor` of its cycles
// (1,193,182 a second).  -ERANGE if it does not fit in 16 bits, where 0 means
// 65,536: nothing below 18.2 Hz exists.
int pit_set(uint64_t divisor);

// From now on a tick every `divisor` of its cycles; clock_period follows.
// -ERANGE as pit_set().
int clock_set(uint64_t divisor);

// No more ticks.
void clock_mask(void);

// The interrupts that wait in the first controller, a bit for each of its
// eight lines; bit 0 is the timer.
uint8_t clock_waiting(void);

// The timer's interrupt; `user` as for preempt_tick().
void clock_interrupt(bool user);

// Microseconds since boot.
uint64_t clock_us(void);

#endif
