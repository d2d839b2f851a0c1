// SPDX-License-Identifier: MIT
// files.c -- write files whole or not at all; see files.h.
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"

bool
make_dirs(const char *path)
{
    char *copy = xasprintf("%s", path);
    bool ok = true;
    for (char *p = copy + 1; ok && *p; p++)
        if (*p == '/') {
            *p = '\0';
            ok = mkdir(copy, 0755) == 0 || errno == EEXIST;
            *p = '/';
        }
    ok = ok && (mkdir(copy, 0755) == 0 || errno == EEXIST);
    free(copy);
    return ok;
}

bool
file_write(const char *path, const void *bytes, size_t size)
{
    char *part = xasprintf("%s.%d.part", path, (int)getpid());
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool ok = fd >= 0;
    for (size_t at = 0; ok && at < size;) {
        ssize_t n = write(fd, (const char *)bytes + at, size - at);
        if (n < 0 && errno == EINTR)
            continue;
        ok = n > 0;
        at += ok ? (size_t)n : 0;
    }
    int error = errno;
    if (fd >= 0 && close(fd) < 0 && ok) {
        ok = false;
        error = errno;
    }
    if (ok && rename(part, path) < 0) {
        ok = false;
        error = errno;
    }
    if (!ok)
        unlink(part);
    free(part);
    errno = error;
    return ok;
}

char *
file_read(const char *path)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return NULL;
    char *all = NULL;
    size_t have = 0, n;
    do {
        all = xrealloc(all, have + 65537);
        n = fread(all + have, 1, 65536, f);
        have += n;
    } while (n > 0);
    all[have] = '\0';
    fclose(f);
    return all;
}
