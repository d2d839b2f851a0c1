// SPDX-License-Identifier: MIT
// order.c -- in which order fork handlers are called, and by which calls.
// Book: chapter 5.
#include <spawn.h>

#include "demo.h"

static int gate[2];

// The first handler in the parent: so that the child's lines come first.
static void
wait_for_child(void)
{
    close(gate[1]);
    await_eof(gate[0]);
}

//> order
#define HANDLERS(name) \
    static void name##_before(void) { say("  before: " #name); } \
    static void name##_parent(void) { say("  parent: " #name); } \
    static void name##_child(void) { say("  child:  " #name); }
HANDLERS(malloc_like)
HANDLERS(log)
HANDLERS(application)

static void
register_all(void)
{
    pthread_atfork(malloc_like_before, malloc_like_parent, malloc_like_child);
    pthread_atfork(log_before, log_parent, log_child);
    pthread_atfork(application_before, application_parent, application_child);
}
//< order

int
main(void)
{
    pid_t pid;
    char *argv[] = {"true", NULL}, *envp[] = {NULL};
    must(pipe(gate));
    pthread_atfork(NULL, wait_for_child, NULL);
    register_all();

    say("fork");
    if ((pid = must(fork())) == 0)
        _exit(0);
    must(waitpid(pid, NULL, 0));

    say("_Fork");
    if ((pid = must(_Fork())) == 0)
        _exit(0);
    must(waitpid(pid, NULL, 0));

    say("vfork");
    if ((pid = must(vfork())) == 0)
        _exit(0);
    must(waitpid(pid, NULL, 0));

    say("posix_spawn");
    if (posix_spawn(&pid, "/bin/true", NULL, NULL, argv, envp) != 0)
        return 2;
    must(waitpid(pid, NULL, 0));

    say("system");
    if (system("true") != 0)
        return 2;
    return 0;
}
