// SPDX-License-Identifier: MIT
// report.h -- the result of a grading, and what is made of it.
//
// There is one result: a JSON object in Gradescope's schema, with what the
// schema has no place for under extra_data.  Everything that people or other
// systems are shown is made from that object alone.
#ifndef REPORT_H
#define REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "lab.h"

// The result so far of a grading in which no test was run yet.
json_t *result_new(const struct lab *lab, const char *submission,
                   const char *seed, bool isolated, const char *why_not);
// Nothing could be run: the reason, for every test a failure without points.
// `kind` is "refused", "does not compile" or "grader's own error".
void result_stop(json_t *result, const struct lab *lab, const char *kind,
                 const char *text);
// Add one test's verdict, the judge's JSON object (see judge.c).
void result_add(json_t *result, const struct lab *lab,
                const struct lab_test *t, json_t *verdict);
// Sum up: score and execution time.
void result_close(json_t *result, double seconds);
bool result_full_marks(const json_t *result);

// Formats: "text", "gradescope", "github", "autolab", "junit", "tap".
bool format_known(const char *format);
const char *format_names(void);
// Print the result.  The text format hides what is hidden, and says so.
void format_print(FILE *out, const char *format, const json_t *result);

#endif
