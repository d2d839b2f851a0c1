// SPDX-License-Identifier: MIT
// submission.h -- take a submission in, and build it.
#ifndef SUBMISSION_H
#define SUBMISSION_H

#include <stdbool.h>

#include "lab.h"

// Copy the lab's files from the directory `dir` to OUT/src.  Refuses, with
// the reason in *why (for a person; the caller frees it): a directory or a
// file that is missing, empty, not a regular file, over 1 MB, not UTF-8, or
// reached through a link that leaves `dir`.  With `links` set, links may lead
// anywhere (our own solutions link to the finished software).
bool submission_take(const struct lab *lab, const char *dir, const char *out,
                     bool links, char **why);

// Build OUT/src, in a cell, with the visible parts in OUT-independent `parts`;
// what it makes goes to OUT/built.  Returns PASS, or what went wrong, with the
// compiler's words in *why.  What the compiler said is in *why in any case.
int submission_build(const struct lab *lab, const char *dir, const char *parts,
                     const char *out, char **why);

#endif
