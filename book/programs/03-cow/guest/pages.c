// SPDX-License-Identifier: MIT
// pages.c -- parent and child write to 64 pages by turns; frames taken, pages
// copied and taken over after every eight writes.  Book: chapter 3.
#include "demo.h"

#define N 64

// One line of the table, kept where both can write without a copy.
static struct sample { long writes, frames, copied, taken; } *sample;
static volatile long *count;
static volatile char *area;
static long frames0, copied0, taken0;

static void
note(long writes)
{
    sample[(*count)++] = (struct sample){
        writes, frames0 - free_frames(), copies() - copied0,
        takeovers() - taken0 };
}

//> writes
// Write to the pages [from, to); `done` writes have been made by now.
static void
write_pages(int from, int to, long done)
{
    for (int i = from; i < to; i++) {
        area[i * PAGE] = 'w';
        if (++done % 8 == 0)
            note(done);
    }
}

static void
play(int to_child[2], int to_parent[2])
{
    long pid = sys_fork();
    if (pid == 0) {
        await(to_child);
        write_pages(0, N / 2, 0);           // the first half
        tell(to_parent);
        await(to_child);
        write_pages(N / 2, N, N + N / 2);   // and, at last, the other
        sys_exit(0);
    }
    note(0);
    tell(to_child);
    await(to_parent);
    write_pages(0, N, N / 2);               // all of them
    tell(to_child);
    wait_for(pid);
    note(2 * N);
}
//< writes

int
main(int argc, char **argv)
{
    (void)argc, (void)argv;
    int to_child[2], to_parent[2];
    sample = sys_mmap(0, PAGE, RW, MAP_SHARED);
    count = sys_mmap(0, PAGE, RW, MAP_SHARED);
    area = pages(N);
    sys_pipe(to_child);
    sys_pipe(to_parent);
    frames0 = free_frames();
    copied0 = copies();
    taken0 = takeovers();
    play(to_child, to_parent);
    print("writes  frames  copied  taken over\n");
    for (long i = 0; i < *count; i++)
        print("%6ld  %6ld  %6ld  %10ld\n", sample[i].writes, sample[i].frames,
              sample[i].copied, sample[i].taken);
    return 0;
}
