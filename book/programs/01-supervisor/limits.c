// SPDX-License-Identifier: MIT
// limits.c -- four limits, and what it looks like to run into them.
// Book: chapter 1.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "demo.h"

static void
open_files(void)
{
    int fd, last = -1;
    while ((fd = open("/dev/null", O_RDONLY)) != -1)
        last = fd;
    say("  open(): %s, after number %d", strerror(errno), last);
}

static void
address_space(void)
{
    void *p = malloc((size_t)1 << 30);
    say("  malloc(): %s", p == NULL ? strerror(errno) : "got it");
}

static void
file_size(void)
{
    static char page[4096];
    int fd = must(memfd_create("file", 0));
    for (;;)
        say("  write(): %d bytes", (int)write(fd, page, sizeof page));
}

static void
cpu_time(void)
{
    for (volatile int i = 0;; i++)
        continue;
}

static void
under(const char *name, int resource, rlim_t limit, void (*deed)(void))
{
    say("%s, %lu:", name, (unsigned long)limit);
    if (must(fork()) == 0) {  //> limits
        struct rlimit both = {limit, limit + 1};
        must(setrlimit(resource, &both));
        deed();  //< limits
        _exit(0);
    }
    int status;
    must(wait(&status));
    if (WIFSIGNALED(status))
        say("  ended by SIG%s", sigabbrev_np(WTERMSIG(status)));
    else
        say("  exited with %d", WEXITSTATUS(status));
}

int
main(void)
{
    under("RLIMIT_NOFILE", RLIMIT_NOFILE, 8, open_files);
    under("RLIMIT_AS", RLIMIT_AS, 100 << 20, address_space);
    under("RLIMIT_FSIZE", RLIMIT_FSIZE, 5000, file_size);
    under("RLIMIT_CPU", RLIMIT_CPU, 1, cpu_time);
    return 0;
}
