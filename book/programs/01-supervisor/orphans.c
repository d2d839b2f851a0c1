// SPDX-License-Identifier: MIT
// orphans.c -- who adopts the children of the dead.  Book: chapter 1.
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "demo.h"

// init forks main, main forks A, A forks B, B forks C.
enum { INIT, MAIN, A, B, C, N };
static const char *const names[] = {"init", "main", "A", "B", "C"};
static pid_t *pids;  // on a page that all of them see
static int ready[2];

// A, and in it B, and in it C: a child goes on in its parent's loop.
static _Noreturn void
live(void)
{
    int self = A;
    pids[self] = getpid();
    while (self < C && must(fork()) == 0)
        pids[++self] = getpid();
    must(close(ready[1]));
    for (;;)
        pause();
}

static pid_t
parent_of(pid_t pid)
{
    char path[40];
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    if (f == NULL || fscanf(f, "%*d %*s %*c %d", &parent) != 1)
        say("cannot read %s", path);
    if (f != NULL)
        fclose(f);
    return parent;
}

static void
say_parent(int child)
{
    pid_t parent = parent_of(pids[child]);
    const char *name = "somebody else";
    for (int i = INIT; i < N; i++)
        if (pids[i] == parent)
            name = names[i];
    say("  the parent of %s is %s", names[child], name);
}

int
main(int argc, char *argv[])
{
    pids = mmap(NULL, N * sizeof *pids, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (pids == MAP_FAILED)
        return 2;
    must(pipe(ready));

    // This process plays the part that process 1 has in a system, so that the
    // answers do not depend on where the program is run.
    pids[INIT] = getpid();
    must(prctl(PR_SET_CHILD_SUBREAPER, 1));
    if (must(fork()) != 0) {
        must(close(ready[1]));
        while (wait(NULL) > 0)
            continue;
        return 0;
    }

    pids[MAIN] = getpid();
    if (argc > 1 && strcmp(argv[1], "subreaper") == 0)
        must(prctl(PR_SET_CHILD_SUBREAPER, 1));

    if (must(fork()) == 0)
        live();
    must(close(ready[1]));
    await_eof(ready[0]);

    say("all alive:");
    say_parent(A), say_parent(B), say_parent(C);
    must(kill(pids[A], SIGKILL));
    must(waitpid(pids[A], NULL, 0));
    say("A is dead:");
    say_parent(B), say_parent(C);

    must(kill(pids[B], SIGKILL));
    must(kill(pids[C], SIGKILL));
    int adopted = 0;
    while (wait(NULL) > 0)
        adopted++;
    say("main could wait for %d more", adopted);
    return 0;
}
