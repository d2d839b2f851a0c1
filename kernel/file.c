// SPDX-License-Identifier: MIT
// file.c -- open file descriptions and descriptors; reading and writing of
// regular files and devices.  Pipes are in pipe.c.
#include "console.h"
#include "file.h"

static struct file files[NFILE];

struct file *
file_alloc(void)
{
    if (!alloc_allowed())
        return NULL;
    for (struct file *f = files; f < files + NFILE; f++) {
        if (f->refs == 0) {
            *f = (struct file){ .refs = 1 };
            return f;
        }
    }
    return NULL;
}

struct file *
file_share(struct file *f)
{
    assert(f->refs > 0);
    f->refs++;
    return f;
}

void
file_close(struct file *f)
{
    assert(f->refs > 0);
    if (--f->refs > 0)
        return;
    if (f->node != NULL)
        node_drop(f->node);
    if (f->pipe != NULL)
        pipe_close(f->pipe, file_writable(f));
}

struct file *
file_get(int64_t fd)
{
    return fd < 0 || fd >= NFD ? NULL : current->fd[fd];
}

int
fd_install(struct file *f, int64_t from, bool cloexec)
{
    for (int64_t fd = from; fd < NFD; fd++) {
        if (current->fd[fd] != NULL)
            continue;
        current->fd[fd] = f;
        current->cloexec &= ~(1UL << fd);
        current->cloexec |= (uint64_t)cloexec << fd;
        return (int)fd;
    }
    return -EMFILE;
}

bool
file_readable(const struct file *f)
{
    return (f->flags & O_ACCMODE) != O_WRONLY;
}

bool
file_writable(const struct file *f)
{
    return (f->flags & O_ACCMODE) != O_RDONLY;
}

// Zeros to user memory: what was written, or -EFAULT.
static int64_t
write_zeros(uint64_t to, size_t n)
{
    static const char zeros[512];
    for (size_t done = 0, step; done < n; done += step) {
        step = min_u64(n - done, sizeof(zeros));
        if (copy_out(to + done, zeros, step) < 0)
            return done > 0 ? (int64_t)done : -EFAULT;
    }
    return (int64_t)n;
}

// Regular files move through the user's memory page by page, without a buffer
// in between: vm_access says where a byte of the user's is.
static int64_t
read_regular(struct file *f, uint64_t to, size_t n)
{
    size_t done = 0;
    while (done < n && f->pos < f->node->size) {
        void *at = vm_access(current->vm, to + done, true);
        if (at == NULL)
            return done > 0 ? (int64_t)done : -EFAULT;
        size_t step = min_u64(n - done, PAGE_SIZE - (to + done) % PAGE_SIZE);
        step = node_read(f->node, f->pos, at, step);
        f->pos += step;
        done += step;
    }
    return (int64_t)done;
}

static int64_t
write_regular(struct file *f, uint64_t from, size_t n)
{
    size_t done = 0;
    int error = 0;
    if (f->flags & O_APPEND)
        f->pos = f->node->size;
    while (done < n) {
        size_t step = min_u64(n - done, PAGE_SIZE - f->pos % PAGE_SIZE);
        error = node_grow(f->node, f->pos, step);
        if (error == 0)
            error = copy_in(node_page(f->node, f->pos), from + done, step);
        if (error < 0)
            break;
        f->pos += step;
        done += step;
        if (f->pos > f->node->size)
            f->node->size = f->pos;
    }
    return done > 0 ? (int64_t)done : error;
}

int64_t
file_read(struct file *f, uint64_t to, size_t n)
{
    if (!file_readable(f))
        return -EBADF;
    if (f->pipe != NULL)
        return pipe_read(f, to, n);
    if (S_ISDIR(f->node->mode))
        return -EISDIR;
    if (f->node->device == DEV_NULL)
        return 0;
    if (f->node->device == DEV_ZERO)
        return write_zeros(to, n);
    if (f->node->device == DEV_CONSOLE)
        return console_read(to, n, f->flags & O_NONBLOCK);
    return read_regular(f, to, n);
}

int64_t
file_write(struct file *f, uint64_t from, size_t n)
{
    if (!file_writable(f))
        return -EBADF;
    if (f->pipe != NULL)
        return pipe_write(f, from, n);
    if (f->node->device == DEV_NULL || f->node->device == DEV_ZERO)
        return (int64_t)n;
    if (f->node->device == DEV_CONSOLE)
        return console_write(from, n);
    return write_regular(f, from, n);
}

void
file_stat(struct file *f, struct stat *st)
{
    if (f->node != NULL)
        node_stat(f->node, st);
    else
        *st = (struct stat){ .st_mode = S_IFIFO | 0600, .st_nlink = 1,
                             .st_blksize = PAGE_SIZE };
}

int
files_in_use(void)
{
    int n = 0;
    for (struct file *f = files; f < files + NFILE; f++)
        n += f->refs > 0;
    return n;
}
