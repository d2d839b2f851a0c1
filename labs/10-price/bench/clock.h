// SPDX-License-Identifier: MIT
// clock.h -- two clocks and one core; see clock.c.
#pragma once

// Microseconds since some moment: what passes on the wall.
double wall_us(void);

// Microseconds of a core that this process, all its threads, has used.
double core_us(void);

// Stay on one core from now on, children included.  cpu < 0: the last one that
// this process may use, for what is not pinned likes the first.  Returns the
// core, or -errno.
int pin(int cpu);
