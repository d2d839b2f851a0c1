// SPDX-License-Identifier: MIT
// recipe.c -- recipes as text: "maze/42: 151@9001 -> 80@77".
// Called by the host and by replay.c.  Book: chapter 7.

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "split.h"

char *
split_recipe_print(const struct split_recipe *r)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return NULL;
    if (r->name && r->has_seed)
        fprintf(out, "%s/", r->name);
    if (r->has_seed)
        fprintf(out, "%" PRIu64 ": ", r->seed);
    for (size_t i = 0; i < r->len; i++)
        fprintf(out, "%s%" PRIu64 "@%" PRIu64, i ? " -> " : "",
                r->step[i].count, r->step[i].seed);
    if (r->len == 0)
        fputc('-', out);
    if (fclose(out)) {
        free(text);
        return NULL;
    }
    return text;
}

// ---- parsing ---------------------------------------------------------------

struct parser {
    const char *text, *at;
    char *err;
    size_t err_size;
};

// What is wrong, and at which column of the text.
static int
wrong(const struct parser *p, const char *format, ...)
{
    int n = snprintf(p->err, p->err_size, "recipe, column %td: ",
                     p->at - p->text + 1);
    va_list ap;

    va_start(ap, format);
    if (n >= 0 && (size_t)n < p->err_size)
        vsnprintf(p->err + n, p->err_size - (size_t)n, format, ap);
    va_end(ap);
    return -EINVAL;
}

static void
skip_space(struct parser *p)
{
    while (isspace((unsigned char)*p->at))
        p->at++;
}

static int
number(struct parser *p, const char *what, uint64_t *value)
{
    char *end;

    skip_space(p);
    if (!isdigit((unsigned char)*p->at))
        return *p->at ? wrong(p, "%s should be here, not '%c'", what, *p->at)
                      : wrong(p, "%s is missing at the end", what);
    errno = 0;
    *value = strtoull(p->at, &end, strncmp(p->at, "0x", 2) ? 10 : 16);
    if (errno == ERANGE)
        return wrong(p, "%s does not fit into 64 bits", what);
    p->at = end;
    return 0;
}

static int
push(struct parser *p, struct split_recipe *r, struct split_step step)
{
    struct split_step *more;

    // Room grows when the length reaches a power of two.
    if ((r->len & (r->len - 1)) == 0) {
        more = realloc(r->step, (r->len ? 2 * r->len : 1) * sizeof(*more));
        if (!more) {
            wrong(p, "no memory for step %zu", r->len + 1);
            return -ENOMEM;
        }
        r->step = more;
    }
    r->step[r->len++] = step;
    return 0;
}

static int
parse_steps(struct parser *p, struct split_recipe *r)
{
    struct split_step step;
    int e;

    for (;;) {
        if ((e = number(p, "a count of draws", &step.count)))
            return e;
        skip_space(p);
        if (*p->at != '@')
            return wrong(p, "'@' and a seed should follow the count %" PRIu64,
                         step.count);
        p->at++;
        if ((e = number(p, "a seed", &step.seed)) || (e = push(p, r, step)))
            return e;
        skip_space(p);
        if (!*p->at)
            return 0;
        if (strncmp(p->at, "->", 2))
            return wrong(p, "'->' or the end should follow step %zu, not '%c'",
                         r->len, *p->at);
        p->at += 2;
    }
}

// "name/seed:" or "seed:", if the text begins with one.
static int
parse_head(struct parser *p, struct split_recipe *r)
{
    const char *colon = strrchr(p->at, ':'), *slash;
    int e;

    if (!colon)
        return 0;
    for (slash = colon; slash > p->at && *slash != '/'; slash--)
        ;
    if (*slash == '/') {
        r->name = strndup(p->at, (size_t)(slash - p->at));
        if (!r->name)
            return -ENOMEM;
        p->at = slash + 1;
    }
    if ((e = number(p, "the root seed", &r->seed)))
        return e;
    skip_space(p);
    if (*p->at != ':')
        return wrong(p, "':' should follow the root seed");
    p->at++;
    r->has_seed = true;
    return 0;
}

int
split_recipe_parse(const char *text, struct split_recipe *r, char *err,
                   size_t err_size)
{
    struct parser p = {text, text, err, err_size};
    int e;

    memset(r, 0, sizeof(*r));
    e = parse_head(&p, r);
    skip_space(&p);
    if (!e && *p.at == '-' && p.at[1] != '>') {
        p.at++;
        skip_space(&p);
        e = *p.at ? wrong(&p, "nothing may follow '-', the empty path") : 0;
    } else if (!e) {
        e = parse_steps(&p, r);
    }
    if (e)
        split_recipe_free(r);
    return e;
}

void
split_recipe_free(struct split_recipe *r)
{
    free(r->name);
    free(r->step);
    memset(r, 0, sizeof(*r));
}
