// SPDX-License-Identifier: MIT
// offsets.c -- what a judge has to know to read the kernel's memory from
// outside.  Compiled to assembly only, as the kernel's offsets.c.
#include "file.h"
#include "proc.h"
#include "trace.h"

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
    VALUE(PROC_PARENT, offsetof(struct proc, parent));
    VALUE(PROC_CHANNEL, offsetof(struct proc, channel));
    VALUE(PROC_VM, offsetof(struct proc, vm));
    VALUE(PROC_FD, offsetof(struct proc, fd));
    VALUE(PROC_FDS, NFD);
    VALUE(PROC_CWD, offsetof(struct proc, cwd));
    VALUE(PROC_EXE, offsetof(struct proc, exe));
    VALUE(PROC_UNUSED, UNUSED);
    VALUE(PROC_EMBRYO, EMBRYO);
    VALUE(PROC_READY, READY);
    VALUE(PROC_RUNNING, RUNNING);
    VALUE(PROC_SLEEPING, SLEEPING);
    VALUE(PROC_STOPPED, STOPPED);
    VALUE(PROC_ZOMBIE, ZOMBIE);
    VALUE(PROC_DEAD, DEAD);
    VALUE(PROC_COUNT, NPROC);
    VALUE(PTE_W, PTE_W);
    VALUE(PTE_COW, PTE_COW);
    VALUE(VM_SIZE, sizeof(struct vm));
    VALUE(VM_USERS, offsetof(struct vm, users));
    VALUE(VM_PML4, offsetof(struct vm, pml4));
    VALUE(NODE_SIZE, sizeof(struct node));
    VALUE(NODE_REFS, offsetof(struct node, refs));
    VALUE(NODE_IN_TREE, offsetof(struct node, in_tree));
    VALUE(NODE_NAME_AT, offsetof(struct node, name));
    VALUE(NODE_PARENT, offsetof(struct node, parent));
    VALUE(NODE_INDEX, offsetof(struct node, index));
    VALUE(NODE_COUNT, NNODE);
    VALUE(FILE_SIZE, sizeof(struct file));
    VALUE(FILE_REFS, offsetof(struct file, refs));
    VALUE(FILE_NODE, offsetof(struct file, node));
    VALUE(FILE_COUNT, NFILE);
    VALUE(PIPE_SIZE_OF, sizeof(struct pipe));
    VALUE(PIPE_USED, offsetof(struct pipe, used));
    VALUE(PIPE_FRAME, offsetof(struct pipe, frame));
    VALUE(PIPE_COUNT, NPIPE);
    VALUE(EVENT_SIZE, sizeof(struct trace_event));
    VALUE(EVENT_TSC, offsetof(struct trace_event, tsc));
    VALUE(EVENT_RIP, offsetof(struct trace_event, rip));
    VALUE(EVENT_PID, offsetof(struct trace_event, pid));
    VALUE(EVENT_KIND, offsetof(struct trace_event, kind));
    VALUE(EVENT_ARG, offsetof(struct trace_event, arg));
    VALUE(EVENT_COUNT, TRACE_EVENTS);
    VALUE(EVENT_ENTER, TRACE_ENTER);
    VALUE(EVENT_RETURN, TRACE_RETURN);
    VALUE(EVENT_SWITCH, TRACE_SWITCH);
    VALUE(EVENT_FORK, TRACE_FORK);
}
