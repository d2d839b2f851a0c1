// SPDX-License-Identifier: MIT
// verdict.c -- print a results.json in one line, for tests: verdict FILE
//
// "KIND SCORE": why the grading stopped, or how the first test ended, and the
// whole score.  With --all: a line "NAME KIND SCORE" for every test, then
// "score SCORE of MAX".  With --logs: after each such line, what the test's
// first cell wrote, a machine's serial log say.
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *
kind(const json_t *test)
{
    const char *k = json_string_value(
        json_array_get(json_object_get(test, "tags"), 0));
    return k ? k : "?";
}

int
main(int argc, char **argv)
{
    int logs = argc == 3 && strcmp(argv[1], "--logs") == 0;
    int all = logs || (argc == 3 && strcmp(argv[1], "--all") == 0);
    json_error_t e;
    json_t *r = argc >= 2 ? json_load_file(argv[argc - 1], 0, &e) : NULL, *t;
    if (!r) {
        fprintf(stderr, "verdict: no such result\n");
        return 1;
    }
    const json_t *extra = json_object_get(r, "extra_data");
    const char *stopped = json_string_value(json_object_get(extra, "stopped"));
    double score = json_number_value(json_object_get(r, "score"));
    json_t *tests = json_object_get(r, "tests");
    size_t i;
    if (!all) {
        printf("%s %g\n", stopped ? stopped : kind(json_array_get(tests, 0)),
               score);
        return 0;
    }
    json_array_foreach(tests, i, t) {
        printf("%s %s %g\n", json_string_value(json_object_get(t, "name")),
               kind(t), json_number_value(json_object_get(t, "score")));
        const char *log = json_string_value(json_object_get(
            json_object_get(t, "extra_data"), "output"));
        if (logs)
            printf("%s\n", log ? log : "no log");
    }
    json_array_foreach(json_object_get(extra, "skipped"), i, t)
        printf("%s skipped 0\n", json_string_value(json_object_get(t, "name")));
    printf("score %g of %g\n", score,
           json_number_value(json_object_get(extra, "max_score")));
    return 0;
}
