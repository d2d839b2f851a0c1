// SPDX-License-Identifier: MIT
// text.c -- strings, memory and files, for the grader's programs; text.h.
#include "text.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
die(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    exit(STATUS_BROKEN);
}

void *
xcalloc(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size ? size : 1);
    if (!p)
        die("no memory left");
    return p;
}

void *
xrealloc(void *old, size_t size)
{
    void *p = realloc(old, size ? size : 1);
    if (!p)
        die("no memory left");
    return p;
}

char *
xvasprintf(const char *fmt, va_list ap)
{
    char *text;
    if (vasprintf(&text, fmt, ap) < 0)
        die("no memory left");
    return text;
}

char *
xasprintf(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = xvasprintf(fmt, ap);
    va_end(ap);
    return text;
}

// The length of the UTF-8 character at p (RFC 3629: no overlong forms, no
// surrogates, nothing above U+10FFFF), or 0.
static size_t
utf8_length(const unsigned char *p, size_t left)
{
    unsigned c = p[0];
    size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3
               : c < 0xf5 ? 4 : 0;
    if (n == 0 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f) ||
        (c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

void
text_clean(char *text, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t n = utf8_length((unsigned char *)text + i, size - i);
        unsigned char c = (unsigned char)text[i];
        if (n == 0 || (n == 1 && (c < 0x20 || c == 0x7f) && c != '\n' &&
                       c != '\t')) {
            // A serial line's end of line is no unprintable character.
            text[i] = c == '\r' && i + 1 < size && text[i + 1] == '\n' ? ' '
                      : '?';
            n = 1;
        }
        i += n;
    }
    text[size] = '\0';
}

long
text_not_utf8(const char *text, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t n = utf8_length((const unsigned char *)text + i, size - i);
        if (n == 0 || text[i] == '\0')
            return (long)i;
        i += n;
    }
    return -1;
}

const char *
temporary_dir(void)
{
    const char *dir = getenv("TMPDIR");
    return dir && *dir ? dir : "/tmp";
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

void
remove_tree(const char *path)
{
    // Not FTW_MOUNT: in an overlay, as in a container, a file's device is not
    // its directory's, and the file would stay.  What a cell mounts is gone
    // with the cell.
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
