// SPDX-License-Identifier: MIT
// letters.c -- really run a little script of forks; outcomes.c says what it
// can print.  Book: chapter 1.
//
//     A to Z  print that letter
//     f       fork(); parent and child both go on
//     (...)   fork(); the child does what is inside, and ends
//     w       wait() for one child, if there is one
#include <ctype.h>
#include <sys/wait.h>

#include "demo.h"

// After the parenthesis that closes the one before `s`.
static const char *
after_group(const char *s)
{
    for (int depth = 1; depth > 0; s++)
        depth += *s == '(' ? 1 : *s == ')' ? -1 : 0;
    return s;
}

static _Noreturn void
run(const char *s)
{
    while (*s != '\0' && *s != ')') {
        char c = *s++;
        if (isupper((unsigned char)c))
            must((int)write(STDOUT_FILENO, &c, 1));
        else if (c == 'w')
            wait(NULL);
        else if (c == 'f')
            must(fork());
        else if (c == '(' && must(fork()) != 0)
            s = after_group(s);
    }
    _exit(0);
}

int
main(int argc, char *argv[])
{
    int end[2];
    must(pipe(end));
    if (must(fork()) == 0)
        run(argc > 1 ? argv[1] : "A(B)wC");
    // Every process of the script holds the write end, and never uses it.
    must(close(end[1]));
    await_eof(end[0]);
    must((int)write(STDOUT_FILENO, "\n", 1));
    return 0;
}
