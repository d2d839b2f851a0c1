// SPDX-License-Identifier: MIT
// json.h -- write JSON without a tree; see json.c.
#pragma once

#include <stdio.h>

struct json {
    FILE *to;
    int depth, some;  // some: there is something before, so a comma is due
};

// A key is NULL inside an array.
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);
void json_text(struct json *j, const char *key, const char *text);
// JSON knows no NaN and no infinity: they become null.
void json_number(struct json *j, const char *key, double value);
