// SPDX-License-Identifier: MIT
// copied.c -- memory is copied, unless it was mapped to be shared.
// Book: chapter 1.
#include <sys/mman.h>
#include <sys/wait.h>

#include "demo.h"

static int in_data = 1;

int
main(void)
{
    int on_stack = 1;
    int *on_heap = malloc(sizeof *on_heap);
    // Two ints that both processes see: a counter, and a place to compare.
    struct { int count; int *heap; } *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (on_heap == NULL || shared == MAP_FAILED)
        return 2;
    *on_heap = shared->count = 1;

    pid_t child = must(fork());  //> copied
    if (child == 0) {
        in_data++, on_stack++, (*on_heap)++, shared->count++;
        shared->heap = on_heap;
    } else {
        must(wait(NULL));
    }  //< copied
    say("%s: data %d, stack %d, heap %d, shared page %d",
        child == 0 ? "child " : "parent", in_data, on_stack, *on_heap,
        shared->count);
    if (child != 0)
        say("heap address the same in both: %s",
            shared->heap == on_heap ? "yes" : "no");
    return 0;
}
