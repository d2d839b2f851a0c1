// SPDX-License-Identifier: MIT
// bomb.c -- a fork bomb on a leash: a limit bounds it, and if the limit does
// not hold, it runs out of tokens.  Book: chapter 1.
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "demo.h"

enum { LIMIT = 50, TOKENS = 500, NOBODY = 61184 };

static int tokens[2], refused[2], end[2];

// for (;;) fork();  -- with a token for each
static _Noreturn void
explode(void)
{
    char byte;
    must(close(end[1]));
    while (read(tokens[0], &byte, 1) == 1)
        if (fork() == -1) {
            must((int)write(refused[1], errno == EAGAIN ? "A" : "?", 1));
            break;
        }
    must(close(refused[1]));  // I fork no more
    await_eof(end[0]);
    _exit(0);
}

int
main(void)
{
    char token[TOKENS], why = 'T';
    must(pipe(tokens));
    must(pipe(refused));
    must(pipe(end));
    must((int)write(tokens[1], token, TOKENS));
    must(close(tokens[1]));

    must(prctl(PR_SET_CHILD_SUBREAPER, 1));
    // Root would not be limited.  (A root that cannot become somebody else, in
    // a container, may well be.)
    if (geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) == -1)
        say("I stay root");
    if (must(fork()) == 0) {
        struct rlimit limit = {LIMIT, LIMIT};
        must(setrlimit(RLIMIT_NPROC, &limit));
        explode();
    }
    must(close(refused[1]));
    while (must((int)read(refused[0], &why, 1)) == 1)
        continue;  // end of file: all have stopped forking
    say("fork() failed: %s", why == 'A' ? strerror(EAGAIN) : "no, or not so");

    must(close(end[1]));
    int processes = 0;
    while (wait(NULL) > 0)
        processes++;
    say("there were %s", processes <= LIMIT ? "50 at most" : "too many");
    int none = wait(NULL) == -1 && errno == ECHILD;
    say("there is %s left", none ? "none" : "one");
    return 0;
}
