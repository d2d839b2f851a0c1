// SPDX-License-Identifier: MIT
// verdict.h -- what a lab's program in the machine leaves in its memory for
// the judge, who reads it there, by symbol and page table.  Shared by both.
#ifndef VERDICT_H
#define VERDICT_H

#include <stdint.h>

#define VERDICT_MAGIC 0x7761732074726965ULL

struct verdict {
    uint64_t magic;
    uint64_t token;     // verdict_token() of the challenge and the checks
    uint32_t done;      // the test came to its end
    uint32_t checks;
    uint32_t failed;    // then this is the first that did:
    uint32_t pad;
    char what[160];
    int64_t want, high, got;    // from want to high would have been right
};

// What only somebody can know who has the challenge and made the checks.
static inline uint64_t
verdict_token(uint64_t challenge, uint32_t checks)
{
    uint64_t z = challenge ^ (checks * 0x9e3779b97f4a7c15ULL);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

#endif
