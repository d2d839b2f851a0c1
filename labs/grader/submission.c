// SPDX-License-Identifier: MIT
// submission.c -- take a submission in, and build it; see submission.h.
#include "submission.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cell.h"
#include "files.h"
#include "text.h"

enum { FILE_MAX_BYTES = 1 << 20 };

// Open dir's file `name`; a link must stay below dir, unless `links`.
static int
open_below(int dir, const char *name, bool links)
{
    if (links)
        return openat(dir, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct open_how how = {
        .flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    int fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof how);
    if (fd < 0 && errno == ENOSYS)  // before Linux 5.6: no links at all
        fd = openat(dir, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    return fd;
}

// What lies in the directory instead, for the message.
static char *
listing(const char *dir)
{
    char *list = xasprintf("%s", "");
    DIR *d = opendir(dir);
    struct dirent *e;
    unsigned n = 0;
    while (d && (e = readdir(d))) {
        if (e->d_name[0] == '.')
            continue;
        if (++n > 8) {
            char *more = xasprintf("%s ...", list);
            free(list);
            list = more;
            break;
        }
        char *more = xasprintf("%s %s", list, e->d_name);
        free(list);
        list = more;
    }
    if (d)
        closedir(d);
    return list;
}

static char *
explain_open(const char *dir, const char *name, int error)
{
    if (error == EXDEV || error == ELOOP)
        return xasprintf("%s/%s is a link out of the submission's directory; "
                         "put the file itself there", dir, name);
    if (error != ENOENT)
        return xasprintf("%s/%s cannot be read: %s", dir, name,
                         strerror(error));
    char *there = listing(dir);
    char *why = *there ? xasprintf("%s has no %s; it has:%s", dir, name, there)
                       : xasprintf("%s is empty; the lab wants a file %s "
                                   "there", dir, name);
    free(there);
    return why;
}

static char *
explain_text(const char *dir, const char *name, const char *text, size_t size)
{
    if (strspn(text, " \t\r\n") == size)
        return xasprintf("%s/%s is empty", dir, name);
    long bad = text_not_utf8(text, size);
    if (bad < 0)
        return NULL;
    unsigned line = 1;
    for (long i = 0; i < bad; i++)
        line += text[i] == '\n';
    return xasprintf("%s/%s, line %u: the byte 0x%02x is not UTF-8; save the "
                     "file as UTF-8 text", dir, name, line,
                     (unsigned char)text[bad]);
}

// One file.  NULL, or why not.
static char *
take(int dirfd, const char *dir, const char *name, const char *to, bool links)
{
    struct stat st;
    int fd = open_below(dirfd, name, links);
    if (fd < 0)
        return explain_open(dir, name, errno);
    char *why = NULL, *text = NULL;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        why = xasprintf("%s/%s is not a regular file", dir, name);
    } else if (st.st_size > FILE_MAX_BYTES) {
        why = xasprintf("%s/%s has %lld bytes; %d are enough for any answer",
                        dir, name, (long long)st.st_size, FILE_MAX_BYTES);
    } else {
        text = xcalloc(1, (size_t)st.st_size + 1);
        ssize_t n = read(fd, text, (size_t)st.st_size);
        if (n < 0)
            why = xasprintf("%s/%s cannot be read: %s", dir, name,
                            strerror(errno));
        else if (!(why = explain_text(dir, name, text, (size_t)n)) &&
                 !file_write(to, text, (size_t)n))
            why = xasprintf("%s cannot be written: %s", to, strerror(errno));
    }
    free(text);
    close(fd);
    return why;
}

bool
submission_take(const struct lab *l, const char *dir, const char *out,
                bool links, char **why)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
                           (links ? 0 : O_NOFOLLOW));
    *why = NULL;
    if (fd < 0) {
        struct stat st;
        bool link = lstat(dir, &st) == 0 && S_ISLNK(st.st_mode);
        *why = xasprintf("the submission %s: %s; SUBMISSION= names a "
                         "directory that holds the lab's files", dir,
                         link ? "is a link" : strerror(errno));
        return false;
    }
    char *src = xasprintf("%s/src", out);
    remove_tree(src);
    if (!make_dirs(src))
        *why = xasprintf("%s cannot be made: %s", src, strerror(errno));
    for (char *const *f = l->files; !*why && *f; f++) {
        char *to = xasprintf("%s/%s", src, *f);
        *why = take(fd, dir, *f, to, links);
        free(to);
    }
    close(fd);
    free(src);
    return !*why;
}

// "/src/x.c:3: error" becomes "labs/01-supervisor/x.c:3: error".
static char *
with_path(const char *text, const char *dir)
{
    char *all = xasprintf("%s", "");
    const char *p;
    while ((p = strstr(text, "/src/"))) {
        char *more = xasprintf("%s%.*s%s/", all, (int)(p - text), text, dir);
        free(all);
        all = more;
        text = p + 5;
    }
    char *more = xasprintf("%s%s", all, text);
    free(all);
    return more;
}

static bool
keep(int fd, const char *to)
{
    off_t size = lseek(fd, 0, SEEK_END);
    char *bytes = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
    bool ok = size > 0 && bytes != MAP_FAILED &&
              file_write(to, bytes, (size_t)size) && chmod(to, 0755) == 0;
    if (bytes != MAP_FAILED)
        munmap(bytes, (size_t)size);
    return ok;
}

static void
add_dir(struct cell_file *files, size_t *n, size_t most, const char *dir,
        const char *inside)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    while (d && (e = readdir(d)) && *n < most) {
        if (e->d_name[0] == '.' || e->d_type == DT_DIR)
            continue;
        files[*n].path = xasprintf("%s/%s", dir, e->d_name);
        files[(*n)++].inside = xasprintf("%s/%s", inside, e->d_name);
    }
    if (d)
        closedir(d);
}

int
submission_build(const struct lab *l, const char *dir, const char *parts,
                 const char *out, char **why)
{
    enum { MOST = 128 };
    struct cell_file files[MOST];
    struct cell_emit emits[LAB_FILES];
    size_t nfiles = 0, nemits = 0;
    char *src = xasprintf("%s/src", out), *built = xasprintf("%s/built", out);
    const long *m = l->build_limits.value;

    add_dir(files, &nfiles, MOST, src, "/src");
    add_dir(files, &nfiles, MOST, parts, "/parts");
    for (char *const *b = l->built; *b; b++)
        emits[nemits++] = (struct cell_emit){
            *b, memfd_create(*b, MFD_CLOEXEC)};
    char *argv[] = {"/bin/sh", "-eu", "-c", l->build, NULL};
    struct cell_plan plan = {
        .argv = argv,
        .files = files,
        .nfiles = nfiles,
        .emits = emits,
        .nemits = nemits,
        .limits = {m[0], m[1], (size_t)m[2] << 20, (unsigned)m[3],
                   (size_t)m[4] << 10},
    };
    struct cell *c = cell_start(&plan);
    if (!c)
        die("cannot start the build: %s", strerror(errno));
    const struct cell_end *end = cell_finish(c);
    int kind = end->kind;
    char *said = with_path(cell_output(c), dir);
    if (kind == JUDGE_PASS) {
        remove_tree(built);
        make_dirs(built);
        for (size_t i = 0; i < nemits; i++) {
            char *to = xasprintf("%s/%s", built, emits[i].name);
            if (!keep(emits[i].fd, to))
                die("cannot write %s: %s", to, strerror(errno));
            free(to);
        }
        *why = said;
    } else {
        *why = kind == JUDGE_WRONG
                   ? xasprintf("%s", said)
                   : xasprintf("%sthe build %s", said, end->text);
        free(said);
    }
    for (size_t i = 0; i < nemits; i++)
        close(emits[i].fd);
    for (size_t i = 0; i < nfiles; i++)
        free((char *)files[i].path), free((char *)files[i].inside);
    cell_free(c);
    free(src), free(built);
    return kind;
}
