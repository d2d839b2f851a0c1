// SPDX-License-Identifier: MIT
// gdb_private.c -- sixteen pages, shared by a fork, made private by writes: the
// program of chapter 10's session on Linux.
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, N = 16 };

static volatile char *store;
static int gate[2];

static pid_t
snapshot(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        char c;
        (void)!read(gate[0], &c, 1);
        _exit(0);
    }
    return pid;
}

static void
serve(int page)
{
    store[page * PAGE] = 'b';
}

static void
let_go(pid_t pid)
{
    (void)!write(gate[1], "", 1);
    waitpid(pid, NULL, 0);
}

int
main(void)
{
    // A page on either side that nobody may touch, so that no neighbour is
    // merged with the store and counted with it.
    char *p = mmap(NULL, (N + 2) * PAGE, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED || pipe(gate) < 0 ||
        mprotect(p + PAGE, N * PAGE, PROT_READ | PROT_WRITE) < 0)
        return 1;
    store = p + PAGE;
    for (int i = 0; i < N; i++)
        serve(i);
    pid_t pid = snapshot();
    for (int i = 3; i < 8; i++)
        serve(i);
    let_go(pid);
    serve(15);
    return 0;
}
