// SPDX-License-Identifier: MIT
// lab.c -- read a lab's manifest; see lab.h.
#include "lab.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

enum { LINE_MAX_INI = 198 };  // inih's own buffer, as Debian builds it, is 200

const char *const lab_limit_names[LAB_LIMITS] = {
    "wall_ms", "cpu_ms", "memory_mb", "processes", "output_kb"};

struct reading {
    struct lab *lab;
    const char *path;
    bool bad;
};

static void
fault(struct reading *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "%s: ", r->path);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    r->bad = true;
}

// Continuation lines come as the same key again: join them by a space.
static void
set(char **field, const char *value)
{
    char *old = *field;
    *field = old ? xasprintf("%s %s", old, value) : xasprintf("%s", value);
    free(old);
}

static void
set_number(struct reading *r, long *field, const char *key, const char *value)
{
    char *end;
    errno = 0;
    long n = strtol(value, &end, 10);
    if (errno || end == value || *end || n < 0)
        fault(r, "%s = %s: not a number from 0 on", key, value);
    *field = n;
}

static void
set_list(struct reading *r, char **field, const char *key, const char *value)
{
    size_t n = 0;
    while (field[n])
        n++;
    char *copy = xasprintf("%s", value);
    for (char *w = strtok(copy, " \t"); w; w = strtok(NULL, " \t")) {
        if (n == LAB_FILES) {
            fault(r, "%s: more than %d names", key, LAB_FILES);
            break;
        }
        if (strchr(w, '/') || w[0] == '.')
            fault(r, "%s: %s: a plain file name is wanted", key, w);
        field[n++] = xasprintf("%s", w);
    }
    free(copy);
}

static bool
set_limit(struct reading *r, struct lab_limits *l, const char *key,
          const char *value)
{
    for (size_t i = 0; i < LAB_LIMITS; i++)
        if (strcmp(key, lab_limit_names[i]) == 0) {
            set_number(r, &l->value[i], key, value);
            return true;
        }
    return false;
}

static bool
set_lab(struct reading *r, const char *key, const char *value)
{
    struct lab *l = r->lab;
    struct {
        const char *key;
        char **field;
    } texts[] = {{"name", &l->name},   {"title", &l->title},
                 {"build", &l->build}, {"chapter", &l->chapter},
                 {"judge", &l->judge}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(key, texts[i].key) == 0) {
            set(texts[i].field, value);
            return true;
        }
    if (strcmp(key, "number") == 0)
        set_number(r, &l->number, key, value);
    else if (strcmp(key, "files") == 0)
        set_list(r, l->files, key, value);
    else if (strcmp(key, "built") == 0)
        set_list(r, l->built, key, value);
    else
        return false;
    return true;
}

static struct lab_test *
test_called(struct reading *r, const char *name)
{
    struct lab *l = r->lab;
    for (size_t i = 0; i < l->ntests; i++)
        if (strcmp(l->tests[i].name, name) == 0)
            return &l->tests[i];
    if (l->ntests == LAB_TESTS) {
        fault(r, "more than %d tests", LAB_TESTS);
        return &l->tests[LAB_TESTS - 1];
    }
    struct lab_test *t = &l->tests[l->ntests++];
    t->name = xasprintf("%s", name);
    t->points = -1;
    for (size_t i = 0; i < LAB_LIMITS; i++)
        t->limits.value[i] = -1;
    return t;
}

static bool
set_test(struct reading *r, struct lab_test *t, const char *key,
         const char *value)
{
    if (strcmp(key, "points") == 0)
        set_number(r, &t->points, key, value);
    else if (strcmp(key, "title") == 0)
        set(&t->title, value);
    else if (strcmp(key, "book") == 0)
        set(&t->book, value);
    else if (strcmp(key, "visibility") == 0)
        set(&t->visibility, value);
    else if (strcmp(key, "debug") == 0)
        set(&t->debug, value);
    else if (strncmp(key, "hint", 4) == 0 && key[4] >= '1' &&
             key[4] < '1' + LAB_HINTS && key[5] == '\0')
        set(&t->hints[key[4] - '1'], value);
    else
        return set_limit(r, &t->limits, key, value);
    return true;
}

static int
on_value(void *arg, const char *section, const char *key, const char *value)
{
    struct reading *r = arg;
    bool known;
    if (strcmp(section, "lab") == 0)
        known = set_lab(r, key, value);
    else if (strcmp(section, "limits") == 0)
        known = set_limit(r, &r->lab->limits, key, value);
    else if (strcmp(section, "build limits") == 0)
        known = set_limit(r, &r->lab->build_limits, key, value);
    else if (strncmp(section, "test ", 5) == 0)
        known = set_test(r, test_called(r, section + 5), key, value);
    else
        known = false;
    if (!known)
        fault(r, "[%s] %s: no such key (hints are hint1, hint2, hint3)",
              section, key);
    return 1;
}

static void
check_test(struct reading *r, const struct lab_test *t)
{
    static const char *const known[] = {"visible", "hidden", "after_due_date",
                                        "after_published"};
    bool ok = false;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        ok |= t->visibility && strcmp(t->visibility, known[i]) == 0;
    if (!ok)
        fault(r, "[test %s] visibility: visible, hidden, after_due_date or "
              "after_published", t->name);
    if (t->points < 0 || !t->title || !t->book)
        fault(r, "[test %s] needs points, title and book", t->name);
    for (size_t i = 0; i < 3; i++)
        if (!t->hints[i] || !*t->hints[i])
            fault(r, "[test %s] hint%zu is empty or missing", t->name, i + 1);
}

static void
check_lab(struct reading *r)
{
    struct lab *l = r->lab;
    if (l->number < 1 || !l->name || !l->title || !l->chapter || !l->build ||
        !l->judge || !l->files[0] || !l->built[0])
        fault(r, "[lab] needs number, name, title, chapter, files, build, "
              "built and judge");
    for (size_t i = 0; i < LAB_LIMITS; i++)
        if (l->limits.value[i] < 0)
            fault(r, "[limits] needs %s", lab_limit_names[i]);
    if (l->ntests == 0)
        fault(r, "no [test NAME] at all");
    for (size_t i = 0; i < l->ntests; i++)
        check_test(r, &l->tests[i]);
}

// The whole file, with the lines that inih would cut refused.
static char *
read_lines(struct reading *r)
{
    FILE *f = fopen(r->path, "re");
    if (!f) {
        fault(r, "%s", strerror(errno));
        return NULL;
    }
    char *all = NULL, *line = NULL;
    size_t have = 0, room = 0, number = 0;
    ssize_t n;
    while ((n = getline(&line, &room, f)) > 0) {
        number++;
        if (n > LINE_MAX_INI)
            fault(r, "line %zu: longer than %d characters; continue it on an "
                  "indented line", number, LINE_MAX_INI);
        all = xrealloc(all, have + (size_t)n + 1);
        memcpy(all + have, line, (size_t)n + 1);
        have += (size_t)n;
    }
    free(line);
    fclose(f);
    return all ? all : xasprintf("%s", "");
}

struct lab *
lab_read(const char *dir)
{
    struct lab *l = xcalloc(1, sizeof *l);
    char *path = xasprintf("%s/lab.ini", dir);
    struct reading r = {l, path, false};
    // A build may take more than a test: compilers are not small.  What bounds
    // it is the time that it has a core; on a loaded machine it waits for one.
    static const struct lab_limits build = {{60000, 20000, 1024, 64, 256}};

    l->dir = xasprintf("%s", dir);
    l->build_limits = build;
    for (size_t i = 0; i < LAB_LIMITS; i++)
        l->limits.value[i] = -1;
    char *text = read_lines(&r);
    int line = text ? ini_parse_string(text, on_value, &r) : 0;
    if (line > 0)
        fault(&r, "line %d: neither [section] nor key = value", line);
    if (!r.bad)
        check_lab(&r);
    free(text);
    free(path);
    return r.bad ? NULL : l;
}

const struct lab_test *
lab_find(const struct lab *l, const char *test)
{
    for (size_t i = 0; i < l->ntests; i++)
        if (strcmp(l->tests[i].name, test) == 0)
            return &l->tests[i];
    return NULL;
}

long
lab_limit(const struct lab *l, const struct lab_test *t, size_t which)
{
    return t->limits.value[which] >= 0 ? t->limits.value[which]
                                       : l->limits.value[which];
}
