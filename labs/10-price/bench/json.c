// SPDX-License-Identifier: MIT
// json.c -- write JSON without a tree; used by out.c.  A static program of
// our own that only writes needs no library for it.
#include "json.h"

#include <math.h>

static void
quoted(FILE *to, const char *s)
{
    putc('"', to);
    for (; *s; s++)
        if (*s == '"' || *s == '\\')
            fprintf(to, "\\%c", *s);
        else if ((unsigned char)*s < 0x20)
            fprintf(to, "\\u%04x", *s);
        else
            putc(*s, to);
    putc('"', to);
}

// Rows lie on one line each: from the third level on nothing is broken.
static void
before(struct json *j, const char *key)
{
    if (j->some)
        putc(',', j->to);
    if (j->depth > 0 && j->depth < 3)
        fprintf(j->to, "\n%*s", 2 * j->depth, "");
    else if (j->some)
        putc(' ', j->to);
    if (key) {
        quoted(j->to, key);
        fputs(": ", j->to);
    }
    j->some = 1;
}

void
json_open(struct json *j, const char *key, char bracket)
{
    before(j, key);
    putc(bracket, j->to);
    j->depth++;
    j->some = 0;
}

void
json_close(struct json *j, char bracket)
{
    j->depth--;
    if (j->depth < 2)
        fprintf(j->to, "\n%*s", 2 * j->depth, "");
    putc(bracket, j->to);
    j->some = 1;
    if (j->depth == 0)
        putc('\n', j->to);
}

void
json_text(struct json *j, const char *key, const char *text)
{
    before(j, key);
    quoted(j->to, text);
}

void
json_number(struct json *j, const char *key, double value)
{
    before(j, key);
    if (isfinite(value))
        fprintf(j->to, "%.6g", value);
    else
        fputs("null", j->to);
}
