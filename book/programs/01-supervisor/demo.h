// SPDX-License-Identifier: MIT
// demo.h -- what this chapter's small programs share: check, say, wait.
// Book: chapter 1.
#ifndef DEMO_H
#define DEMO_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// The value of a call that must not fail: -1 ends the process with a message.
#define must(call) must_at((call), #call)

static inline int
must_at(int value, const char *call)
{
    if (value == -1) {
        perror(call);
        _exit(2);
    }
    return value;
}

// A line, by a single write(): lines of several processes do not mix, and
// nothing waits in a stdio buffer for a fork to copy it.
__attribute__((format(printf, 1, 2))) static inline void
say(const char *format, ...)
{
    char line[200];
    va_list list;
    va_start(list, format);
    int n = vsnprintf(line, sizeof line - 1, format, list);
    va_end(list);
    line[n++] = '\n';
    must((int)write(STDOUT_FILENO, line, (size_t)n));
}

// Wait until nobody holds the other end of the pipe any more.
static inline void
await_eof(int fd)
{
    char byte;
    while (must((int)read(fd, &byte, 1)) != 0)
        continue;
}

#endif
