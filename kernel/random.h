// SPDX-License-Identifier: MIT
// random.h -- numbers that look random.  On virtual time they are the same in
// every run, which is what the tests want; no key should be made from them.
#ifndef RANDOM_H
#define RANDOM_H

#include "base.h"

void random_bytes(void *to, size_t n);

#endif
