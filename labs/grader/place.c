// SPDX-License-Identifier: MIT
// place.c -- from the addresses that crash.o printed to a line of source.
// addr2line reads a file that the submission made, so it runs in a cell.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "crash.h"
#include "text.h"

// The first line of addr2line's answer that lies in the student's source.
static char *
first_of_student(const char *lines)
{
    for (const char *p = lines; *p;) {
        size_t len = strcspn(p, "\n");
        char *line = strndup(p, len);
        char *at = line ? strstr(line, " at ") : NULL;
        char *file = at ? strstr(at, "/src/") : NULL;
        if (file) {
            *at = '\0';
            char *end = strpbrk(file, " \r");
            if (end)
                *end = '\0';
            char *place = xasprintf("%s, in %s()", file + 5, line);
            free(line);
            return place;
        }
        free(line);
        p += len + (p[len] == '\n');
    }
    return NULL;
}

char *
crash_place(const char *output, const char *built)
{
    const char *mark = NULL;
    for (const char *p = output; (p = strstr(p, CRASH_MARK)); p++)
        mark = p + strlen(CRASH_MARK);
    if (!mark)
        return NULL;
    enum { MOST = 32 };
    char *argv[MOST + 8] = {"/usr/bin/addr2line", "-f", "-p", "-e",
                            "/built/subject"};
    int n = 5;
    char *words = strndup(mark, strcspn(mark, "\n"));
    for (char *w = strtok(words, " "); w && n < MOST; w = strtok(NULL, " "))
        if (strspn(w, "0123456789abcdef") == strlen(w))
            argv[n++] = w;
    char *subject = xasprintf("%s/subject", built);
    struct cell_file file = {subject, "/built/subject"};
    struct cell_plan plan = {
        .argv = argv,
        .files = &file,
        .nfiles = 1,
        .limits = {3000, 3000, (size_t)512 << 20, 8, 1 << 16},
    };
    struct cell *c = cell_start(&plan);
    char *place = NULL;
    if (c) {
        if (cell_finish(c)->kind == JUDGE_PASS)
            place = first_of_student(cell_output(c));
        cell_free(c);
    }
    free(words);
    free(subject);
    return place;
}

char *
crash_strip(const char *output)
{
    char *to = xcalloc(strlen(output) + 2, 1);
    size_t n = 0;
    for (const char *p = output, *mark; *p;) {
        mark = strstr(p, CRASH_MARK);
        size_t len = mark ? (size_t)(mark - p) : strlen(p);
        memcpy(to + n, p, len);
        n += len;
        p += len;
        if (!mark)
            break;
        p += strcspn(p, "\n");
        p += *p == '\n';
        // crash.o began with a newline, whether there was need of one or not.
        if (n && to[n - 1] == '\n')
            n--;
        if (n && to[n - 1] != '\n')
            to[n++] = '\n';
    }
    to[n] = '\0';
    return to;
}
