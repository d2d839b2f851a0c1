// SPDX-License-Identifier: MIT
// formula.c -- arithmetic on T, F and i; see formula.h.
//
//     comparison:  sum [ (< | > | <= | >= | == | !=) sum ]
//     sum:         product { (+ | -) product }
//     product:     factor { (* | / | %) factor }
//     factor:      number | T | F | i | ( comparison ) | - factor
//                  | min ( comparison , comparison ) | max (same)
#include "formula.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DEEP = 64, MOST = 1000000, WHY = 120 };

struct parser {
    const char *at;
    const struct values *v;
    int deep;
    char *why;
    jmp_buf wrong;
};

static int64_t comparison(struct parser *p);

static _Noreturn void
wrong(struct parser *p, const char *what)
{
    if (*p->at)
        snprintf(p->why, WHY, "%s at \"%.20s\"", what, p->at);
    else
        snprintf(p->why, WHY, "%s at its end", what);
    longjmp(p->wrong, 1);
}

// Does this come next?  Then it is passed over.
static bool
next(struct parser *p, const char *word)
{
    size_t n = strlen(word);

    p->at += strspn(p->at, " \t");
    if (strncmp(p->at, word, n) != 0 ||
        (isalpha((unsigned char)*word) && isalnum((unsigned char)p->at[n])))
        return false;
    p->at += n;
    return true;
}

static void
need(struct parser *p, const char *word)
{
    char what[32];

    snprintf(what, sizeof what, "a \"%s\" is missing", word);
    if (!next(p, word))
        wrong(p, what);
}

static int64_t
bounded(struct parser *p, int64_t value)
{
    if (value > MOST || value < -MOST)
        wrong(p, "the value is too large");
    return value;
}

static int64_t
min_or_max(struct parser *p, bool max)
{
    int64_t a, b;

    need(p, "(");
    a = comparison(p);
    need(p, ",");
    b = comparison(p);
    need(p, ")");
    return (a < b) == max ? b : a;
}

static int64_t
factor(struct parser *p)
{
    int64_t value;
    char *end;

    if (++p->deep > MOST_DEEP)
        wrong(p, "too deep");
    if (next(p, "T")) {
        value = p->v->T;
    } else if (next(p, "F")) {
        value = p->v->F;
    } else if (next(p, "i")) {
        value = p->v->i;
    } else if (next(p, "min")) {
        value = min_or_max(p, false);
    } else if (next(p, "max")) {
        value = min_or_max(p, true);
    } else if (next(p, "-")) {
        value = -factor(p);
    } else if (next(p, "(")) {
        value = comparison(p);
        need(p, ")");
    } else if (isdigit((unsigned char)*p->at)) {
        value = bounded(p, strtoll(p->at, &end, 10));
        p->at = end;
    } else {
        wrong(p, "a number, T, F, i, min or max is missing");
    }
    p->deep--;
    return value;
}

static int64_t
product(struct parser *p)
{
    int64_t value = factor(p), by;

    for (;;) {
        if (next(p, "*")) {
            value = bounded(p, value * factor(p));
        } else if (next(p, "/")) {
            by = factor(p);
            value = by ? value / by : (wrong(p, "division by 0"), 0);
        } else if (next(p, "%")) {
            by = factor(p);
            value = by ? value % by : (wrong(p, "division by 0"), 0);
        } else {
            return value;
        }
    }
}

static int64_t
sum(struct parser *p)
{
    int64_t value = product(p);

    for (;;) {
        if (next(p, "+"))
            value = bounded(p, value + product(p));
        else if (next(p, "-"))
            value = bounded(p, value - product(p));
        else
            return value;
    }
}

static int64_t
comparison(struct parser *p)
{
    int64_t value = sum(p);

    if (next(p, "<="))
        return value <= sum(p);
    if (next(p, ">="))
        return value >= sum(p);
    if (next(p, "=="))
        return value == sum(p);
    if (next(p, "!="))
        return value != sum(p);
    if (next(p, "<"))
        return value < sum(p);
    if (next(p, ">"))
        return value > sum(p);
    return value;
}

bool
formula_value(const char *formula, const struct values *v, int64_t *value,
              char *why)
{
    struct parser p = {.at = formula, .v = v, .why = why};

    if (setjmp(p.wrong) != 0)
        return false;
    *value = comparison(&p);
    p.at += strspn(p.at, " \t\r");
    if (*p.at)
        wrong(&p, "the formula has ended, and more comes,");
    return true;
}

bool
formula_line(const char *text, const char *name, char *line, size_t size,
             int *number)
{
    size_t n = strlen(name);

    *number = 0;
    for (const char *p = text; *p; p += *p == '\n') {
        size_t length = strcspn(p, "\n");
        const char *at = p + strspn(p, " \t");

        ++*number;
        if (strncmp(at, name, n) == 0 &&
            at[n + strspn(at + n, " \t")] == '=') {
            at += n + strspn(at + n, " \t") + 1;
            at += strspn(at, " \t");
            snprintf(line, size, "%.*s", (int)(p + length - at), at);
            line[strcspn(line, "#\r")] = '\0';
            for (char *end = line + strlen(line);
                 end > line && isspace((unsigned char)end[-1]);)
                *--end = '\0';
            return true;
        }
        p += length;
    }
    return false;
}
