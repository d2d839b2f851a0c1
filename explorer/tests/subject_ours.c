// SPDX-License-Identifier: MIT
// subject_ours.c -- libsplit as a subject of defects.c.

#include "subject.h"
#include "../src/novelty.h"

const bool subject_is_patient = true;

uint64_t
subject_merge(struct subject_map *explored, const struct subject_map *from)
{
    struct novel_map to = {0}, it = {1, (_Atomic uint64_t *)(void *)from->word};

    to.word = (_Atomic uint64_t *)(void *)explored->word;
    return novel_merge(&to, &it);
}
