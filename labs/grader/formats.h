// SPDX-License-Identifier: MIT
// formats.h -- print functions behind format_print(), one a format.
#ifndef FORMATS_H
#define FORMATS_H

#include <jansson.h>
#include <stdio.h>

void print_text(FILE *out, const json_t *result);  // report.c

#endif
