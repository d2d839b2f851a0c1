// SPDX-License-Identifier: MIT
// text.h -- strings, memory and files, for the grader's own programs.
// These end the program with a message, and exit status 70, where the machine
// has no memory left: there is nothing sensible to do then.
#ifndef TEXT_H
#define TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

// Exit statuses, from sysexits(3).
enum {
    STATUS_USAGE = 64,        // the call is wrong: unknown lab, test, format
    STATUS_SUBMISSION = 65,   // refused, or does not compile
    STATUS_MACHINE = 69,      // this machine lacks something
    STATUS_BROKEN = 70,       // the grader's own error
    STATUS_OUTPUT = 74,       // the results could not be written
};

void *xcalloc(size_t n, size_t size);
void *xrealloc(void *old, size_t size);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *fmt, va_list ap);

// Print "NAME: text" on stderr and exit with STATUS_BROKEN.
_Noreturn void die(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

// Make `size` bytes fit to be shown and to be JSON: bytes that are not UTF-8,
// and control characters but newline and tab, become '?'.  NUL-terminates at
// text[size], which must be there.
void text_clean(char *text, size_t size);

// The offset of the first byte that is not UTF-8 (or is NUL); -1 if all is.
long text_not_utf8(const char *text, size_t size);

// $TMPDIR or /tmp.
const char *temporary_dir(void);

// Remove a directory with all that is in it, links not followed.
void remove_tree(const char *path);

#endif
