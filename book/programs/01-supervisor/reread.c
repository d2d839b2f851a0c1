// SPDX-License-Identifier: MIT
// reread.c -- a child that ends politely rewinds its parent's input.
// Book: chapter 1.
#include <string.h>
#include <sys/wait.h>

#include "demo.h"

int
main(int argc, char *argv[])
{
    int polite = argc > 1 && strcmp(argv[1], "exit") == 0;
    char line[80];

    // Eight rounds at most: without that bound, this might never end.
    for (int i = 0; i < 8 && fgets(line, sizeof line, stdin) != NULL; i++) {
        line[strcspn(line, "\n")] = '\0';
        say("%s", line);
        if (must(fork()) == 0) {
            if (polite)
                exit(0);
            _exit(0);
        }
        must(wait(NULL));
    }
    return 0;
}
