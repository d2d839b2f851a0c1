// SPDX-License-Identifier: MIT
// challenge.c -- see challenge.h.
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "challenge.h"

const char *const diagnosis_keys[KEYS] = {
    "challenge", "dispatch_us", "period_us", "flush_us", "tips_at_hz", "irr",
    "vector", "stuck", "hypothesis",
};

static char *
trim(char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    char *end = s + strlen(s);
    while (end > s && isspace((unsigned char)end[-1]))
        *--end = '\0';
    return s;
}

// One line, without its comment; false with an error.
static bool
read_line(struct diagnosis *d, char *line, int number)
{
    char *text = trim(line), *equals = strchr(text, '=');
    if (*text == '\0')
        return true;
    if (equals == NULL) {
        snprintf(d->error, sizeof(d->error), "line %d, \"%.40s\": there is no "
                 "=; write KEY = VALUE, and # before a comment", number, text);
        return false;
    }
    *equals = '\0';
    char *key = trim(text), *value = trim(equals + 1);
    for (int i = 0; i < KEYS; i++) {
        if (strcmp(key, diagnosis_keys[i]) != 0)
            continue;
        if (d->value[i][0] != '\0') {
            snprintf(d->error, sizeof(d->error), "line %d: %s is there for "
                     "the second time; keep one of the two", number, key);
            return false;
        }
        if (strlen(value) >= VALUE_MAX) {
            snprintf(d->error, sizeof(d->error), "line %d: the value of %s is "
                     "longer than %d characters", number, key, VALUE_MAX - 1);
            return false;
        }
        strcpy(d->value[i], value);
        return true;
    }
    snprintf(d->error, sizeof(d->error), "line %d: there is no key \"%.40s\"; "
             "the keys are those of the file as you got it (make reset-4 "
             "gives it back)", number, key);
    return false;
}

bool
diagnosis_read(struct diagnosis *d, const char *path)
{
    char line[512];
    bool ok = true;
    memset(d, 0, sizeof(*d));
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        snprintf(d->error, sizeof(d->error), "diagnosis.txt cannot be read: "
                 "%s", strerror(errno));
        return false;
    }
    for (int number = 1; ok && fgets(line, sizeof(line), f) != NULL; number++) {
        line[strcspn(line, "#")] = '\0';
        ok = read_line(d, line, number);
    }
    fclose(f);
    return ok;
}

bool
diagnosis_has(struct diagnosis *d, int key)
{
    const char *value = d->value[key];
    if (value[0] != '\0' && strcmp(value, "?") != 0)
        return true;
    snprintf(d->error, sizeof(d->error), key == KEY_CHALLENGE
             ? "%s: there is no value yet; write a word of your own, your "
               "login name for example"
             : "%s: there is no value yet; measure it (make measure-4), and "
               "write it in the place of the ?", diagnosis_keys[key]);
    return false;
}

bool
diagnosis_number(struct diagnosis *d, int key, double *number)
{
    char *end;
    if (!diagnosis_has(d, key))
        return false;
    *number = strtod(d->value[key], &end);
    if (*end == '\0' && *number >= 0 && *number < 1e12)
        return true;
    snprintf(d->error, sizeof(d->error), "%s: \"%s\" is not a number alone, as "
             "17429 or 0x20; no unit, no separator of thousands",
             diagnosis_keys[key], d->value[key]);
    return false;
}

static uint64_t
next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

struct challenge
challenge_of(const char *word)
{
    static const int bauds[] = { 57600, 76800, 115200, 153600, 230400 };
    static const char *const flushes[] = { "twice", "pge", "invlpg" };
    // About how many characters the first so many of the report's lines have.
    static const int characters[] = { [2] = 174, [3] = 244, [4] = 288,
                                      [5] = 342 };
    uint64_t state = 0xcbf29ce484222325;
    for (; *word != '\0'; word++)
        state = (state ^ (unsigned char)*word) * 0x100000001b3;
    struct challenge c = {
        .lines = 2 + (int)(next(&state) % 4),
        .baud = bauds[next(&state) % 5],
        .who = next(&state) % 2 == 0 ? "all" : "forked",
        .flush = flushes[next(&state) % 3],
    };
    // A period below the dispatch, but not so far that the parent, whose
    // dispatch is short, is stopped by the child's.
    double us = characters[c.lines] * 1e7 / c.baud;
    if (us > 51000) {           // the timer cannot do a period like that
        us = us * c.baud / 76800;
        c.baud = 76800;
    }
    c.hz = (int)(1e8 / (us * (double)(65 + next(&state) % 25)));
    if (c.hz < 19)
        c.hz = 19;
    return c;
}

void
challenge_options(const struct challenge *c, int hz, const char *flush,
                  char *text, size_t size)
{
    snprintf(text, size, "hz=%d baud=%d log=%d slow-who=%s flush=%s",
             hz > 0 ? hz : c->hz, c->baud, c->lines, c->who,
             flush != NULL ? flush : c->flush);
}
