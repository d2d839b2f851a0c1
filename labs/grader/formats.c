// SPDX-License-Identifier: MIT
// formats.c -- adapters: one result, in the forms that other systems read.
#include "formats.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "text.h"

static const char *
get(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static double
number(const json_t *o, const char *key)
{
    return json_number_value(json_object_get(o, key));
}

static bool
passed(const json_t *test)
{
    return strcmp(get(test, "status"), "passed") == 0;
}

// What could not be run on this machine; see report.c.
static const json_t *
skipped(const json_t *result)
{
    return json_object_get(json_object_get(result, "extra_data"), "skipped");
}

static const char *
skipped_name(const json_t *t)
{
    return strcmp(get(t, "visibility"), "visible") == 0 ? get(t, "name")
                                                        : "hidden";
}

static const char *
stopped(const json_t *result)
{
    return get(json_object_get(result, "extra_data"), "stopped");
}

// What students may read does not name a hidden test: "hidden-2", by its place
// among them, and nothing about it.  (Gradescope itself hides what is marked.)
static bool
hidden(const json_t *test)
{
    return strcmp(get(test, "visibility"), "visible") != 0;
}

static const char *
shown_name(const json_t *result, const json_t *test)
{
    static char name[32];
    size_t i, n = 0;
    json_t *t;
    if (!hidden(test))
        return get(test, "name");
    json_array_foreach(json_object_get(result, "tests"), i, t) {
        n += hidden(t);
        if (t == test)
            break;
    }
    snprintf(name, sizeof name, "hidden-%zu", n);
    return name;
}

static const char *
shown_output(const json_t *result, const json_t *test)
{
    if (*stopped(result))
        return get(result, "output");
    return hidden(test) ? "This test is hidden." : get(test, "output");
}

// https://gradescope-autograders.readthedocs.io/en/latest/specs/
static void
print_gradescope(FILE *out, const json_t *result)
{
    json_dumpf(result, out, JSON_INDENT(2) | JSON_REAL_PRECISION(10));
    fputc('\n', out);
}

static void
print_base64(FILE *out, const char *text, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)text;
    for (size_t i = 0; i < size; i += 3) {
        unsigned v = (unsigned)p[i] << 16;
        v |= i + 1 < size ? (unsigned)p[i + 1] << 8 : 0;
        v |= i + 2 < size ? (unsigned)p[i + 2] : 0;
        fputc(digits[v >> 18], out);
        fputc(digits[v >> 12 & 63], out);
        fputc(i + 1 < size ? digits[v >> 6 & 63] : '=', out);
        fputc(i + 2 < size ? digits[v & 63] : '=', out);
    }
    fputc('\n', out);
}

// GitHub Classroom's autograding reporter: base64 of one JSON object.
static void
print_github(FILE *out, const json_t *result)
{
    json_t *tests = json_array(), *t;
    const char *why = stopped(result);
    bool all = true;
    size_t i;
    json_array_foreach(json_object_get(result, "tests"), i, t) {
        const json_t *data = json_object_get(t, "extra_data");
        all &= passed(t);
        json_array_append_new(
            tests,
            json_pack("{s:s, s:s, s:f, s:f, s:s, s:s, s:s, s:i, s:i}", "name",
                      shown_name(result, t), "status",
                      passed(t) ? "pass" : "fail",
                      "score", number(t, "score"), "max_score",
                      number(t, "max_score"), "message",
                      shown_output(result, t), "test_code",
                      hidden(t) ? "" : get(data, "again"), "filename", "",
                      "line_no", 0, "duration", 0));
    }
    json_t *report = json_pack(
        "{s:i, s:s, s:f, s:o}", "version", 1, "status",
        strcmp(why, "grader's own error") == 0 ? "error" : all ? "pass" : "fail",
        "max_score", number(json_object_get(result, "extra_data"), "max_score"),
        "tests", tests);
    char *text = json_dumps(report, JSON_COMPACT | JSON_REAL_PRECISION(10));
    print_base64(out, text, strlen(text));
    free(text);
    json_decref(report);
}

// Autolab: feedback, and as the last line the scores.
static void
print_autolab(FILE *out, const json_t *result)
{
    json_t *scores = json_object(), *t;
    size_t i;
    print_text(out, result);
    json_array_foreach(json_object_get(result, "tests"), i, t)
        json_object_set_new(scores, shown_name(result, t),
                            json_real(number(t, "score")));
    json_t *last = json_pack("{s:o, s:[f]}", "scores", scores, "scoreboard",
                             number(result, "score"));
    json_dumpf(last, out, JSON_COMPACT | JSON_REAL_PRECISION(10));
    fputc('\n', out);
    json_decref(last);
}

static void
print_xml(FILE *out, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '&': fputs("&amp;", out); break;
        case '"': fputs("&quot;", out); break;
        case '\n': fputs("&#10;", out); break;
        default: fputc(*text, out);
        }
}

// JUnit's XML, as Jenkins, GitLab and others read it.
static void
print_junit(FILE *out, const json_t *result)
{
    const json_t *tests = json_object_get(result, "tests"), *t;
    const json_t *extra = json_object_get(result, "extra_data");
    size_t i, failures = 0;
    json_array_foreach(tests, i, t)
        failures += !passed(t);
    fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuite name=\"lab-%lld\" tests=\"%zu\" failures=\"%zu\" ",
            json_integer_value(json_object_get(extra, "lab")),
            json_array_size(tests) + json_array_size(skipped(result)),
            failures);
    fprintf(out, "skipped=\"%zu\" time=\"%.3f\">\n",
            json_array_size(skipped(result)),
            number(result, "execution_time"));
    json_array_foreach(tests, i, t) {
        fprintf(out, "  <testcase classname=\"lab-%lld\" name=\"",
                json_integer_value(json_object_get(extra, "lab")));
        print_xml(out, shown_name(result, t));
        if (passed(t)) {
            fputs("\"/>\n", out);
            continue;
        }
        fputs("\">\n    <failure message=\"", out);
        print_xml(out, json_string_value(
                           json_array_get(json_object_get(t, "tags"), 0)));
        fputs("\">", out);
        print_xml(out, shown_output(result, t));
        fputs("</failure>\n  </testcase>\n", out);
    }
    json_array_foreach(skipped(result), i, t) {
        fprintf(out, "  <testcase classname=\"lab-%lld\" name=\"",
                json_integer_value(json_object_get(extra, "lab")));
        print_xml(out, skipped_name(t));
        fputs("\">\n    <skipped message=\"", out);
        print_xml(out, get(t, "why"));
        fputs("\"/>\n  </testcase>\n", out);
    }
    fputs("</testsuite>\n", out);
}

// The Test Anything Protocol, version 13.
static void
print_tap(FILE *out, const json_t *result)
{
    const json_t *tests = json_object_get(result, "tests"), *t;
    size_t i;
    fprintf(out, "TAP version 13\n1..%zu\n",
            json_array_size(tests) + json_array_size(skipped(result)));
    json_array_foreach(tests, i, t) {
        fprintf(out, "%sok %zu - %s\n", passed(t) ? "" : "not ", i + 1,
                shown_name(result, t));
        const char *p = shown_output(result, t);
        while (!passed(t) && *p) {
            size_t n = strcspn(p, "\n");
            fprintf(out, "# %.*s\n", (int)n, p);
            p += n + (p[n] == '\n');
        }
    }
    size_t n = json_array_size(tests);
    json_array_foreach(skipped(result), i, t)
        fprintf(out, "ok %zu - %s # SKIP %s\n", n + i + 1, skipped_name(t),
                get(t, "why"));
}

static const struct {
    const char *name;
    void (*print)(FILE *, const json_t *);
} formats[] = {
    {"text", print_text},       {"gradescope", print_gradescope},
    {"github", print_github},   {"autolab", print_autolab},
    {"junit", print_junit},     {"tap", print_tap},
};

enum { FORMATS = sizeof formats / sizeof formats[0] };

bool
format_known(const char *format)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(formats[i].name, format) == 0)
            return true;
    return false;
}

const char *
format_names(void)
{
    static char names[128];
    names[0] = '\0';
    for (size_t i = 0; i < FORMATS; i++) {
        strcat(names, i ? ", " : "");
        strcat(names, formats[i].name);
    }
    return names;
}

void
format_print(FILE *out, const char *format, const json_t *result)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(formats[i].name, format) == 0)
            formats[i].print(out, result);
}
