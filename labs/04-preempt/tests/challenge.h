// SPDX-License-Identifier: MIT
// challenge.h -- lab 4, part A: from the word in diagnosis.txt to the machine
// that has to be diagnosed; and reading that file.  For judge and challenge.c.
#ifndef CHALLENGE_H
#define CHALLENGE_H

#include <stdbool.h>
#include <stddef.h>

enum { KEY_CHALLENGE, KEY_DISPATCH, KEY_PERIOD, KEY_FLUSH, KEY_TIPS, KEY_IRR,
       KEY_VECTOR, KEY_STUCK, KEY_HYPOTHESIS, KEYS };
extern const char *const diagnosis_keys[KEYS];

#define VALUE_MAX 64

struct diagnosis {
    char value[KEYS][VALUE_MAX];    // "" where the file has no such key
    char error[256];                // "" or what is wrong with the file
};

// The file's values; false, with `error`, if there is no such file or a line of
// it cannot be understood.
bool diagnosis_read(struct diagnosis *d, const char *path);

// Is there a value for this key?  If not, `error` says what to do.
bool diagnosis_has(struct diagnosis *d, int key);

// A number, decimal or 0x...; false, with `error`, if it is none.
bool diagnosis_number(struct diagnosis *d, int key, double *number);

struct challenge {
    int lines;              // of the log, a dispatch
    int baud, hz;
    const char *who;        // whose dispatches are slow
    const char *flush;
};

// What the word stands for.
struct challenge challenge_of(const char *word);

// The kernel's options for it, but with another rate or method if not 0, NULL.
void challenge_options(const struct challenge *c, int hz, const char *flush,
                       char *text, size_t size);

#endif
