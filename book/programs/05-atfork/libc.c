// SPDX-License-Identifier: MIT
// libc.c -- three locks of the C library, each in the hands of another thread
// when the process forks.  Book: chapter 5.
#include <link.h>
#include <stdatomic.h>

#include "demo.h"

static struct meeting has_it, done;
static FILE *file;
static atomic_bool over;

//> stdio
static void *
holds_file(void *unused)
{
    flockfile(file);
    fputs("half a l", file);
    arrive(&has_it);
    await_arrival(&done);
    funlockfile(file);
    return unused;
}
//< stdio

//> loader
static int
look(struct dl_phdr_info *info, size_t size, void *wait)
{
    (void)info, (void)size;
    if (wait) {
        arrive(&has_it);
        await_arrival(&done);
    }
    return 1;  // no further ones
}

static void *
holds_loader(void *wait)
{
    dl_iterate_phdr(look, wait);
    return NULL;
}
//< loader

static void *
allocates(void *unused)
{
    arrive(&has_it);
    while (!over)
        free(malloc(100));
    return unused;
}

static void
fork_while(void *(*holder)(void *), const char *what, int times)
{
    pthread_t thread = start(holder, &done);
    int well = 0;
    const char *end = "";
    await_arrival(&has_it);
    for (int i = 0; i < times; i++) {
        pid_t pid = must(fork());
        if (pid == 0) {
            if (holder == holds_file)
                fputs("line\n", file), fflush(file);
            else if (holder == holds_loader)
                dl_iterate_phdr(look, NULL);
            else
                for (int n = 0; n < 1000; n++)
                    free(malloc(1 + (size_t)n));
            _exit(0);
        }
        end = fate(pid);
        well += strcmp(end, "ended well") == 0;
    }
    if (times > 1)
        say("%s: %d of %d children ended well", what, well, times);
    else
        say("%s: the child %s", what, end);
    over = true;
    if (holder != allocates)
        arrive(&done);
    pthread_join(thread, NULL);
}

int
main(void)
{
    file = fopen("file", "w");
    fork_while(allocates, "malloc", 100);
    fork_while(holds_file, "stdio", 1);
    fork_while(holds_loader, "loader", 1);
    return 0;
}
