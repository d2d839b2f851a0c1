// SPDX-License-Identifier: MIT
// script.h -- what the judge and the subject have to spell the same way.
// Book: chapter 5.
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stdio.h>
#include <string.h>

// Actions that are followed by a digit, the number of a script.
#define SCRIPT_TAKES_ARG "HFKG"

// The tag of number i: of a length and of letters of its own, so that one made
// of two can be told.
static inline void
tag_text(char *to, size_t size, const char *salt, unsigned i)
{
    char letters[16] = "";
    memset(letters, 'A' + (int)(i % 26), 3 + i * 5 % 12);
    snprintf(to, size, "%s-%s-%s", letters, salt, letters);
}

#endif
