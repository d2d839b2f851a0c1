// SPDX-License-Identifier: MIT
// report.c -- make the result, and the text for people; see report.h.
// The formats for other systems are in formats.c.
#include "report.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "files.h"
#include "formats.h"
#include "text.h"

static const char *
get(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

// The submission's directory as an argument of make, where it is not the
// lab's own.
static char *
again(const struct lab *l, const char *submission, const char *test,
      const char *seed, const char *target)
{
    char *args = strcmp(submission, l->dir) == 0
                     ? xasprintf("%s", "")
                     : xasprintf(" SUBMISSION='%s'", submission);
    char *command = xasprintf("make %s-%ld TEST=%s SEED=%s%s", target,
                              l->number, test, seed, args);
    free(args);
    return command;
}

// The heading of the section `id` of the lab's chapter: "Waiting"; NULL if the
// chapter or the section is not there.
static char *
heading(const char *chapter, const char *id)
{
    char *path = xasprintf("book/chapters/%s.md", chapter);
    char *mark = xasprintf("{#%s", id);
    char *text = file_read(path), *title = NULL;
    for (char *p = text; p && (p = strstr(p, mark)); p++) {
        char *start = p;
        while (start > text && start[-1] != '\n')
            start--;
        if (*start != '#' || !strchr(" }", p[strlen(mark)]))
            continue;
        start += strspn(start, "# ");
        title = xasprintf("%.*s", (int)(p - start), start);
        char *to = title;  // without the marks of code and emphasis
        for (const char *from = title; *from; from++)
            if (!strchr("`*", *from))
                *to++ = *from;
        while (to > title && to[-1] == ' ')
            to--;
        *to = '\0';
        break;
    }
    free(text), free(path), free(mark);
    return title;
}

static char *
place_in_book(const struct lab *l, const char *id)
{
    char *title = heading(l->chapter, id);
    char *place = xasprintf("chapter %ld, \"%s\" (build/book/html/%s.html#%s)",
                            l->number, title ? title : id, l->chapter, id);
    free(title);
    return place;
}

json_t *
result_new(const struct lab *l, const char *submission, const char *seed,
           bool isolated, const char *why_not)
{
    return json_pack(
        "{s:f, s:s, s:s, s:[], s:{s:i, s:s, s:s, s:s, s:b, s:s}}", "score", 0.0,
        "visibility", "visible", "stdout_visibility", "visible", "tests",
        "extra_data", "lab", (int)l->number, "title", l->title, "submission",
        submission, "seed", seed, "isolated", (int)isolated, "not_isolated_why",
        isolated ? "" : why_not);
}

// What the student reads about one test.
static char *
describe(const json_t *data)
{
    char *all = xasprintf("%s", "");
    const struct {
        const char *key, *label;
    } rows[] = {{"input", "given   "}, {"want", "expected"},
                {"got", "got     "},   {"notes", "note    "},
                {"hint", "hint    "},  {"book", "read    "},
                {"again", "again   "}, {"debug", "debug   "}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const json_t *v = json_object_get(data, rows[i].key);
        size_t n = json_is_array(v) ? json_array_size(v) : v ? 1 : 0;
        for (size_t k = 0; k < n; k++) {
            const char *text = json_string_value(
                json_is_array(v) ? json_array_get(v, k) : v);
            if (!text || !*text)
                continue;
            char *more = xasprintf("%s%s  %s\n", all, rows[i].label, text);
            free(all);
            all = more;
        }
    }
    return all;
}

// A test that cannot be run on this machine stands beside the tests, not among
// them: Gradescope knows "passed" and "failed" only, and it is neither.
static void
add_skipped(json_t *extra, const struct lab_test *t, const json_t *verdict)
{
    json_t *list = json_object_get(extra, "skipped");
    if (!list) {
        list = json_array();
        json_object_set_new(extra, "skipped", list);
    }
    json_array_append_new(
        list, json_pack("{s:s, s:s, s:i, s:s, s:s}", "name", t->name, "title",
                        t->title, "points", (int)t->points, "visibility",
                        t->visibility, "why", get(verdict, "got")));
}

void
result_add(json_t *result, const struct lab *l, const struct lab_test *t,
           json_t *verdict)
{
    json_t *extra = json_object_get(result, "extra_data");
    json_t *tests = json_object_get(result, "tests");
    const char *kind = get(verdict, "kind");
    bool pass = strcmp(kind, "pass") == 0;
    if (strcmp(kind, "skipped") == 0) {
        add_skipped(extra, t, verdict);
        return;
    }
    json_int_t part = json_integer_value(json_object_get(verdict, "part"));
    json_int_t of = json_integer_value(json_object_get(verdict, "of"));
    double score = pass ? (double)t->points : 0;
    if (of > 0)
        score = round((double)t->points * (double)part / (double)of * 100) / 100;
    if (!pass && score >= (double)t->points)
        score = 0;  // a failure never has full marks, whatever a judge says

    json_t *data = json_deep_copy(verdict);
    json_object_set_new(data, "title", json_string(t->title));
    if (!pass) {
        char *place = place_in_book(l, t->book);
        char *same = again(l, get(extra, "submission"), t->name,
                           get(extra, "seed"), "lab");
        char *debug = t->debug
            ? xasprintf("%s", t->debug)
            : again(l, get(extra, "submission"), t->name, get(extra, "seed"),
                    "gdb");
        json_object_set_new(data, "hint", json_string(t->hints[0]));
        json_object_set_new(data, "book", json_string(place));
        json_object_set_new(data, "again", json_string(same));
        json_object_set_new(data, "debug", json_string(debug));
        free(place), free(same), free(debug);
    }
    char *text = describe(data);
    json_array_append_new(
        tests,
        json_pack("{s:f, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:[s], s:s, s:o}",
                  "score", score, "max_score", (int)t->points, "status",
                  pass ? "passed" : "failed", "name", t->name, "name_format",
                  "text", "number", "", "output", text, "output_format",
                  "text", "tags", kind, "visibility", t->visibility,
                  "extra_data", data));
    char number[32];
    snprintf(number, sizeof number, "%ld.%zu", l->number,
             json_array_size(tests));
    json_object_set_new(json_array_get(tests, json_array_size(tests) - 1),
                        "number", json_string(number));
    free(text);
}

void
result_stop(json_t *result, const struct lab *l, const char *kind,
            const char *text)
{
    char *clean = xasprintf("%s", text);
    text_clean(clean, strlen(clean));
    json_t *extra = json_object_get(result, "extra_data");
    json_object_set_new(extra, "stopped", json_string(kind));
    char *all = xasprintf("%s:\n%s", kind, clean);
    json_object_set_new(result, "output", json_string(all));
    json_object_set_new(result, "output_format", json_string("text"));
    for (size_t i = 0; i < l->ntests; i++) {
        const struct lab_test *t = &l->tests[i];
        json_array_append_new(
            json_object_get(result, "tests"),
            json_pack("{s:f, s:i, s:s, s:s, s:s, s:[s], s:s}", "score", 0.0,
                      "max_score", (int)t->points, "status", "failed", "name",
                      t->name, "output", "not run", "tags", kind, "visibility",
                      t->visibility));
    }
    free(all), free(clean);
}

void
result_close(json_t *result, double seconds)
{
    double score = 0, most = 0;
    size_t i;
    json_t *t;
    json_array_foreach(json_object_get(result, "tests"), i, t) {
        score += json_number_value(json_object_get(t, "score"));
        most += json_number_value(json_object_get(t, "max_score"));
    }
    json_object_set_new(result, "score", json_real(score));
    json_object_set_new(result, "execution_time", json_real(seconds));
    json_object_set_new(json_object_get(result, "extra_data"), "max_score",
                        json_real(most));
}

bool
result_full_marks(const json_t *result)
{
    double most = json_number_value(json_object_get(
        json_object_get(result, "extra_data"), "max_score"));
    return most > 0 &&
           json_number_value(json_object_get(result, "score")) >= most;
}

// ------------------------------------------------------------ text for people

enum { FULL_REPORTS = 3 };  // so many failures are told at length

struct paint {
    const char *good, *bad, *dim, *off;
};

static struct paint
paint_for(FILE *out)
{
    if (isatty(fileno(out)) && !getenv("NO_COLOR"))
        return (struct paint){"\033[32m", "\033[31m", "\033[2m", "\033[0m"};
    return (struct paint){"", "", "", ""};
}

// The columns of a terminal; elsewhere, as many as it takes.
static size_t
columns_of(FILE *out)
{
    struct winsize w;
    if (ioctl(fileno(out), TIOCGWINSZ, &w) < 0 || w.ws_col < 60)
        return SIZE_MAX;
    return w.ws_col;
}

// A text that begins in a column, and goes on there in the next line.
static void
print_at(FILE *out, const char *text, size_t column)
{
    size_t most = columns_of(out) - column;
    while (strlen(text) > most) {
        size_t n = most;
        while (n > 0 && text[n] != ' ')
            n--;
        if (n == 0)
            break;
        fprintf(out, "%.*s\n%*s", (int)n, text, (int)column, "");
        text += n + 1;
    }
    fputs(text, out);
}

static void
print_indented(FILE *out, const char *text, const char *by)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        fprintf(out, "%s%.*s\n", by, (int)n, text);
        text += n + (text[n] == '\n');
    }
}

// The lines of describe(); what is to be copied in one piece stays in one.
static void
print_description(FILE *out, const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        char *line = xasprintf("%.*s", (int)n, text);
        bool whole = strncmp(line, "again ", 6) == 0 ||
                     strncmp(line, "debug ", 6) == 0;
        fprintf(out, "        %.10s", line);
        if (n > 10 && whole)
            fputs(line + 10, out);
        else if (n > 10)
            print_at(out, line + 10, 18);
        fputc('\n', out);
        free(line);
        text += n + (text[n] == '\n');
    }
}

static void
print_output(FILE *out, const json_t *data)
{
    const char *output = get(data, "output");
    if (!*output)
        return;
    size_t most = 1000, n = strlen(output);
    char *head = xasprintf("%.*s%s", (int)(n < most ? n : most), output,
                           n > most ? "\n..." : "");
    text_clean(head, strlen(head));  // the cut may have split a character
    fprintf(out, "        it printed (nothing of it counts):\n");
    print_indented(out, head, "        | ");
    free(head);
}

static void
print_test(FILE *out, const struct paint *p, const json_t *t, bool full)
{
    const json_t *data = json_object_get(t, "extra_data");
    double score = json_number_value(json_object_get(t, "score"));
    double most = json_number_value(json_object_get(t, "max_score"));
    bool pass = strcmp(get(t, "status"), "passed") == 0;
    fprintf(out, "  %s%s%s  %-22s %3g/%-3g  %s", pass ? p->good : p->bad,
            pass ? "ok  " : "FAIL", p->off, get(t, "name"), score, most,
            pass ? p->dim : "");
    print_at(out, pass ? get(data, "title") : get(data, "kind"), 40);
    fprintf(out, "%s\n", pass ? p->off : "");
    if (pass) {
        const json_t *notes = json_object_get(data, "notes"), *n;
        size_t i;
        json_array_foreach(notes, i, n)
            fprintf(out, "        %s%s%s\n", p->dim, json_string_value(n),
                    p->off);
    }
    if (pass || !full)
        return;
    fprintf(out, "        %s\n", get(data, "title"));
    print_description(out, get(t, "output"));
    print_output(out, data);
    fputc('\n', out);
}

// Returns the points that could not be graded here.
static double
print_skipped(FILE *out, const json_t *skipped)
{
    double points = 0;
    size_t i;
    json_t *t;
    json_array_foreach(skipped, i, t) {
        bool seen = strcmp(get(t, "visibility"), "visible") == 0;
        points += json_number_value(json_object_get(t, "points"));
        fprintf(out, "  skip  %-22s   -/%-3g  ",
                seen ? get(t, "name") : "(hidden)",
                json_number_value(json_object_get(t, "points")));
        print_at(out, seen ? get(t, "why") : "", 40);
        fputc('\n', out);
    }
    return points;
}

static void
print_hidden(FILE *out, size_t hidden, double hidden_points, bool all_visible,
             const json_t *r)
{
    const json_t *tests = json_object_get(r, "tests");
    const json_t *extra = json_object_get(r, "extra_data");
    if (hidden)
        fprintf(out, "  %zu more test%s hidden (%g points): run now, counted, "
                "not shown.\n", hidden, hidden == 1 ? " is" : "s are",
                hidden_points);
    if (!all_visible)
        return;
    if (json_array_size(tests) == 1 &&
        json_is_true(json_object_get(extra, "only_one")))
        fprintf(out, "  The test %s passed; the others were not run.\n",
                get(json_array_get(tests, 0), "name"));
    else if (!hidden)
        fprintf(out, "  All tests passed.\n");
    else if (!json_is_true(json_object_get(extra, "strict")))
        fprintf(out, "  All visible tests passed.  make lab-%lld STRICT=1 "
                "ends with an error\n  for as long as a hidden one fails.\n",
                json_integer_value(json_object_get(extra, "lab")));
    else if (result_full_marks(r))
        fprintf(out, "  All tests passed, the hidden ones too.\n");
    else
        fprintf(out, "  All visible tests passed, but not all of the hidden "
                "ones.  They ask nothing\n  that the contract does not say: "
                "read it again, one sentence at a time.\n");
}

void
print_text(FILE *out, const json_t *r)
{
    const json_t *extra = json_object_get(r, "extra_data"), *t;
    const json_t *tests = json_object_get(r, "tests");
    struct paint p = paint_for(out);
    size_t i, hidden = 0, failed = 0;
    double score = 0, most = 0, hidden_points = 0, skipped;
    bool alone = json_array_size(tests) == 1;

    fprintf(out, "\nlab %lld: %s\n%ssubmission %s, seed %s%s\n\n",
            json_integer_value(json_object_get(extra, "lab")),
            get(extra, "title"), p.dim, get(extra, "submission"),
            get(extra, "seed"), p.off);
    if (!json_is_true(json_object_get(extra, "isolated")))
        fprintf(out, "  %sNOT ISOLATED%s: %s\n  The submission can see this "
                "machine and the network. Only run what you trust.\n\n", p.bad,
                p.off, get(extra, "not_isolated_why"));
    if (*get(extra, "stopped")) {
        fprintf(out, "  %s%s%s\n", p.bad, get(extra, "stopped"), p.off);
        const char *text = strchr(get(r, "output"), '\n');
        print_indented(out, text ? text + 1 : "", "    ");
        fprintf(out, "\n  No test was run: 0 points.\n");
        return;
    }
    json_array_foreach(tests, i, t) {
        double points = json_number_value(json_object_get(t, "max_score"));
        bool pass = strcmp(get(t, "status"), "passed") == 0;
        if (strcmp(get(t, "visibility"), "visible") != 0 && !alone) {
            hidden++;
            hidden_points += points;
            continue;
        }
        failed += !pass;
        score += json_number_value(json_object_get(t, "score"));
        most += points;
        print_test(out, &p, t, failed <= FULL_REPORTS);
    }
    skipped = print_skipped(out, json_object_get(extra, "skipped"));
    if (failed > FULL_REPORTS)
        fprintf(out, "\n  The first %d failures are told at length; the others "
                "by make lab-%lld TEST=name\n", FULL_REPORTS,
                json_integer_value(json_object_get(extra, "lab")));
    fprintf(out, "\n  %g of %g points", score, most);
    fprintf(out, "%s.  %.1f s\n", hidden ? " on the visible tests" : "",
            json_number_value(json_object_get(r, "execution_time")));
    if (skipped > 0)
        fprintf(out, "  %g points could not be graded on this machine: neither "
                "given nor taken.\n", skipped);
    print_hidden(out, hidden, hidden_points,
                 failed == 0 && json_array_size(tests) > 0, r);
    if (failed)
        fprintf(out, "  More advice: make hint-%lld\n",
                json_integer_value(json_object_get(extra, "lab")));
}
