// SPDX-License-Identifier: MIT
// offsets.c -- what a judge has to know to read the kernel's memory from
// outside.  Compiled to assembly only, as the kernel's offsets.c.
#include "file.h"
#include "proc.h"

#define VALUE(name, value) \
    __asm__ volatile("OFFSET " #name " %c0" : : "i"(value))

void offsets(void);

void
offsets(void)
{
    VALUE(PROC_SIZE, sizeof(struct proc));
    VALUE(PROC_PID, offsetof(struct proc, pid));
    VALUE(PROC_STATE, offsetof(struct proc, state));
    VALUE(PROC_NAME, offsetof(struct proc, name));
    VALUE(PROC_VM, offsetof(struct proc, vm));
    VALUE(PROC_UNUSED, UNUSED);
    VALUE(PROC_COUNT, NPROC);
    VALUE(VM_SIZE, sizeof(struct vm));
    VALUE(VM_USERS, offsetof(struct vm, users));
    VALUE(VM_PML4, offsetof(struct vm, pml4));
    VALUE(NODE_SIZE, sizeof(struct node));
    VALUE(NODE_REFS, offsetof(struct node, refs));
    VALUE(NODE_INDEX, offsetof(struct node, index));
    VALUE(NODE_COUNT, NNODE);
    VALUE(PIPE_SIZE_OF, sizeof(struct pipe));
    VALUE(PIPE_USED, offsetof(struct pipe, used));
    VALUE(PIPE_FRAME, offsetof(struct pipe, frame));
    VALUE(PIPE_COUNT, NPIPE);
}
