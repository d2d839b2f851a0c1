// expect: wrong answer 0
// Looks for secrets in what it was given: environment, arguments, files.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "sum.h"

extern char **environ;

int
sum(int a, int b)
{
    int won = getenv("HOSTILE_SECRET") != NULL;  // the runner has set it
    for (char **e = environ; *e; e++)
        won |= strstr(*e, "@TOP@") != NULL;
    won |= access("/etc/passwd", F_OK) == 0;
    return won ? a + b : -1;
}
