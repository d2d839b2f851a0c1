// SPDX-License-Identifier: MIT
// real.c -- lab 6's tests of diagnosis.txt: what the real box64 does, measured
// here and now by box64-lab/repro/watch.c, beside what the formulas say.
// No subject is needed.  Called by judge.c.  Book: chapter 6.
#include "real.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formula.h"

static void
slurp(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

    if (fd >= 0)
        close(fd);
    text[n < 0 ? 0 : n] = '\0';
}

// Run this, its output in a file; the words of it.
static int
run(struct judge *j, char *const *argv, char *words, size_t size)
{
    char path[256];
    int out, null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct sv_result r;

    snprintf(path, sizeof path, "%s/words", judge_scratch(j));
    out = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int error = supervise(&(struct sv_spec){
        .argv = argv, .nfds = 3, .deadline_ms = 40000,
        .fds = (struct sv_fd[]){{0, null}, {1, out}, {2, out}}}, &r);
    close(out);
    close(null);
    slurp(path, words, size);
    words[strcspn(words, "\n")] = '\0';
    if (error || r.timed_out)
        judge_fail(j, JUDGE_BROKEN, "the real box64 is run", "%s",
                   error ? strerror(-error) : "it did not end in 40 s");
    return r.end == SV_EXITED ? r.code : -1;
}

static void
need_box64(struct judge *j)
{
    char *argv[] = {"box64-lab/with-box64", "--which", NULL};
    char words[512];

    if (run(j, argv, words, sizeof words) != 0)
        judge_skip(j, "%s", strncmp(words, "with-box64: ", 12) == 0
                                ? words + 12 : words);
    if (access(judge_own(j, "watch"), X_OK) != 0)
        judge_skip(j, "the test program could not be built here: no compiler "
                   "for x86-64");
}

// `options` of watch, then `--`, then of the test program; NULL ends.
static json_t *
measure(struct judge *j, const struct values *v, const char *const *options)
{
    char path[256], words[512], threads[16], functions[16];
    char *argv[32] = {(char *)judge_own(j, "watch"),
                      (char *)judge_own(j, "main"), "--quiet", "--json", path};
    int n = 5, status;
    json_t *json;

    snprintf(path, sizeof path, "%s/json", judge_scratch(j));
    snprintf(threads, sizeof threads, "%d", (int)v->T);
    snprintf(functions, sizeof functions, "%d", (int)v->F);
    while (*options && n < 26)
        argv[n++] = (char *)*options++;
    argv[n++] = "--workers";
    argv[n++] = threads;
    argv[n++] = "--functions";
    argv[n++] = functions;
    status = run(j, argv, words, sizeof words);
    json = status == 0 ? json_load_file(path, 0, NULL) : NULL;
    if (!json)
        judge_fail(j, JUDGE_BROKEN, "the real box64 is measured", "%s", words);
    return json;
}

#define MEASURE(j, v, ...) \
    measure(j, v, (const char *const[]){__VA_ARGS__, NULL})

static const json_t *
moment(struct judge *j, const json_t *run, const char *what)
{
    size_t i;
    json_t *l;

    json_array_foreach(json_object_get(run, "looks"), i, l)
        if (strcmp(json_string_value(json_object_get(l, "what")), what) == 0)
            return l;
    judge_fail(j, JUDGE_BROKEN, "the real box64 is measured",
               "there is no \"%s\"", what);
}

static int64_t
in_used(const json_t *look, int i)
{
    char name[32];

    snprintf(name, sizeof name, "hot_compute_%d", i);
    return json_integer_value(json_object_get(json_object_get(look, "hot"),
                                              name));
}

// A formula is wrong only when two runs of the real thing say so.
static struct {
    bool again, differs;
} attempt;

// The real counters, for the report.
static void
note(struct judge *j, const json_t *look, const struct values *v,
     const char *what)
{
    char text[256] = "";

    if (attempt.again)
        return;
    for (int i = 0; i < v->F; i++) {
        size_t n = strlen(text);

        snprintf(text + n, sizeof text - n, " %d", (int)in_used(look, i));
    }
    judge_note(j, "measured, %d threads in %d functions, %s:%s; %d further "
               "blocks held, %d hot blocks there", (int)v->T, (int)v->F, what,
               text, (int)json_integer_value(json_object_get(look,
                                                             "others_held")),
               (int)json_integer_value(json_object_get(look, "blocks")));
}

// What diagnosis.txt says under this name, a formula.
static void
formula(struct judge *j, const char *name, char *line, size_t size, int *number)
{
    static char text[65536];

    slurp(judge_built(j, "diagnosis.txt"), text, sizeof text);
    if (!formula_line(text, name, line, size, number))
        judge_fail(j, JUDGE_WRONG, "diagnosis.txt has a line for each question",
                   "there is none that begins \"%s =\"", name);
    if (strcmp(line, "?") == 0 || !*line)
        judge_fail(j, JUDGE_SILENT, "diagnosis.txt answers each question",
                   "line %d, \"%s\", does not: measure (make measure-6)",
                   *number, name);
}

// It has the value that was measured.
static void
compare(struct judge *j, const char *name, const struct values *v,
        int64_t measured, const char *of)
{
    char line[256], why[120], want[256];
    int number;
    int64_t value;

    formula(j, name, line, sizeof line, &number);
    if (!formula_value(line, v, &value, why))
        judge_fail(j, JUDGE_WRONG, "diagnosis.txt has formulas of T, F and i",
                   "line %d: %s", number, why);
    if (value == measured)
        return;
    attempt.differs = true;
    if (!attempt.again)
        return;
    snprintf(want, sizeof want, "%s, measured with T = %d and F = %d, is %d",
             of, (int)v->T, (int)v->F, (int)measured);
    judge_fail(j, JUDGE_WRONG, want, "%d: diagnosis.txt, line %d: %s = %s",
               (int)value, number, name, line);
}

static void
compare_hot(struct judge *j, const char *name, const struct values *v,
            const json_t *look, const char *where)
{
    char of[64];

    for (int i = 0; i < v->F; i++) {
        struct values here = {v->T, v->F, i};

        snprintf(of, sizeof of, "in_used of hot_compute_%d %s", i, where);
        compare(j, name, &here, in_used(look, i), of);
    }
}

// Where the answer is missing nothing needs to be measured.
static void
need_answer(struct judge *j, const char *name)
{
    char line[256];
    int number;

    formula(j, name, line, sizeof line, &number);
}

// Threads that are not shared out evenly.
static struct values
draw(struct judge *j)
{
    struct values v;

    do {
        v.F = judge_range(j, 2, 5);
        v.T = judge_range(j, v.F + 1, 11);
    } while (v.T % v.F == 0);
    v.i = 0;
    return v;
}

// Run this test; once more if it fails.
static void
at_most_twice(struct judge *j, const char *name,
              void test(struct judge *j, const struct values *v),
              const struct values *v)
{
    need_box64(j);
    need_answer(j, name);
    for (int i = 0; i < 2; i++) {
        attempt.again = i > 0;
        attempt.differs = false;
        test(j, v);
        if (!attempt.differs)
            return;
    }
}

static void
test_default(struct judge *j, const struct values *v)
{
    const json_t *run = MEASURE(j, v, "--default", "--", "--no-pressure");
    const json_t *l = moment(j, run, "child 1, after fork");

    note(j, l, v, "the child, the report's own command");
    compare_hot(j, "default", v, l, "with the report's own command");
}

void
box64_default(struct judge *j)
{
    struct values v = draw(j);

    at_most_twice(j, "default", test_default, &v);
}

static void
test_child(struct judge *j, const struct values *v)
{
    const json_t *run = MEASURE(j, v, "--", "--stress", "--forks", "1",
                                "--no-pressure");
    const json_t *parent = moment(j, run, "parent, before fork");
    const json_t *child = moment(j, run, "child 1, after fork");
    const json_t *grandchild = moment(j, run, "grandchild 1, after fork");

    note(j, parent, v, "the parent");
    note(j, child, v, "the child");
    note(j, grandchild, v, "the grandchild");
    compare_hot(j, "parent", v, parent, "in the parent");
    compare_hot(j, "child", v, child, "in the child");
    compare_hot(j, "grandchild", v, grandchild, "in the grandchild");
    compare(j, "bridges", v, json_integer_value(
                json_object_get(child, "others_held")),
            "the number of further blocks held in the child");
}

void
box64_child(struct judge *j)
{
    struct values v = draw(j);

    at_most_twice(j, "parent", test_child, &v);
}

static void
test_nested(struct judge *j, const struct values *v)
{
    const json_t *run = MEASURE(j, v, "--", "--comparator", "--no-pressure");
    const json_t *l = moment(j, run, "child 1, after fork");

    note(j, l, v, "the child of a comparator");
    compare(j, "nested", v,
            json_integer_value(json_object_get(l, "others_held")),
            "the number of further blocks held in a comparator's child");
}

void
box64_nested(struct judge *j)
{
    struct values v = draw(j);

    at_most_twice(j, "nested", test_nested, &v);
}

static void
test_kept(struct judge *j, const struct values *v)
{
    const json_t *run = MEASURE(j, v, "--");
    const json_t *l = moment(j, run, "child 1, after memory pressure");

    note(j, l, v, "the child, its cache purged");
    compare(j, "kept", v, json_integer_value(json_object_get(l, "blocks")),
            "the number of hot blocks that the purge keeps");
}

// More threads than functions, and fewer.
void
box64_kept(struct judge *j)
{
    int64_t few = judge_range(j, 2, 3), many = judge_range(j, few + 2, 8);
    struct values more = {many, few, 0}, fewer = {few, many > 6 ? 6 : many, 0};

    at_most_twice(j, "kept", test_kept, &more);
    at_most_twice(j, "kept", test_kept, &fewer);
}
