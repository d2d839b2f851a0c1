# SPDX-License-Identifier: MIT
# frames.sed -- have fork.c say how many frames are in use, more than when fork
# was called, at six places.
s/^#include "signal.h"/&\
static size_t at_first;\
#define SAY(what) \\\
    klog("%3ld frames more: " what, (long)at_first - (long)frames_free)/
/^do_fork/,/^}/s/^    struct proc \*parent = current;/&\
    at_first = frames_free;/
s/^    int pid = child->pid;/&\
    SAY("the child has a slot and a stack");/
s/^    child->parent = parent;/    SAY("it has a memory");\
&/
s/^    struct proc \*p = current;/&\
    SAY("it has run, and calls exit");/
s/^    p->status = status;/    SAY("it has left its memory");\
&/
s/^    int child_pid = c->pid.*/&\
    SAY("its parent has found it");/
s/^    proc_free(c);/&\
    SAY("and buried it");/
