// SPDX-License-Identifier: MIT
// offsets.c -- never part of the image: compiled to assembly, from which
// kernel.mk picks the lines marked "OFFSET" to make offsets.h for entry.S.
#include "trap.h"

#define OFFSET(name, type, member) \
    __asm__ volatile("OFFSET " #name " %c0" : : "i"(offsetof(type, member)))

void offsets(void);

void
offsets(void)
{
    OFFSET(TF_RBP, struct trapframe, rbp);
    OFFSET(TF_VECTOR, struct trapframe, vector);
    OFFSET(TF_RIP, struct trapframe, rip);
    OFFSET(TF_CS, struct trapframe, cs);
}
