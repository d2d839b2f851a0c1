// SPDX-License-Identifier: MIT
// tell.c -- print the kernel's options for the challenge in a diagnosis.txt:
// challenge FILE.  For make challenge-4 and measure-4.
#include <stdio.h>

#include "challenge.h"

int
main(int argc, char **argv)
{
    struct diagnosis d;
    char options[200];
    if (argc != 2) {
        fprintf(stderr, "usage: challenge diagnosis.txt\n");
        return 64;
    }
    if (!diagnosis_read(&d, argv[1]) || !diagnosis_has(&d, KEY_CHALLENGE)) {
        fprintf(stderr, "%s: %s\n", argv[1], d.error);
        return 1;
    }
    struct challenge c = challenge_of(d.value[KEY_CHALLENGE]);
    challenge_options(&c, 0, NULL, options, sizeof(options));
    printf("%s\n", options);
    return 0;
}
