// SPDX-License-Identifier: MIT
// subject.h -- what defects.c needs of a subject besides split.h.  There are
// two: libsplit (subject_ours.c) and the model of the original (model.c).
#ifndef SUBJECT_H
#define SUBJECT_H

#include <stdbool.h>
#include <stdint.h>

#define SUBJECT_WORDS 16

struct subject_map {
    uint64_t word[SUBJECT_WORDS];
};

// Merges a coverage map into the explored one; how many bits were new.
uint64_t subject_merge(struct subject_map *explored,
                       const struct subject_map *from);

// Whether its tests may take any time, as long as they work.  Not what is
// expected to fail.
extern const bool subject_is_patient;

#endif
