// SPDX-License-Identifier: MIT
// sysfile.c -- the system calls on files: arguments are checked here, in
// Linux's order, so that a wrong one gets Linux's errno.  Called by syscall.c.
#include "clock.h"
#include "console.h"
#include "file.h"
#include "proc.h"
#include "sysfile.h"
#include "x86.h"

#define RW_MAX 0x7ffff000UL
#define POLL_MAX 64

int
sys_path(uint64_t va, const char **path)
{
    static char buf[PATH_MAX];
    int64_t n = copy_in_string(buf, va, sizeof(buf));
    *path = buf;
    return n < 0 ? (int)n : 0;
}

int
sys_find(int64_t dirfd, const char *path, bool follow, struct node **n)
{
    struct node *from = current->cwd;
    if (strcmp(path, "/proc/self/exe") == 0) {
        *n = current->exe;
        return 0;
    }
    if (dirfd != AT_FDCWD && path[0] != '/' && path[0] != '\0') {
        struct file *f = file_get(dirfd);
        if (f == NULL)
            return -EBADF;
        if (f->node == NULL || !S_ISDIR(f->node->mode))
            return -ENOTDIR;
        from = f->node;
    }
    return fs_find(from, path, follow, n);
}

// As sys_find, for a path in user memory.
static int
user_find(int64_t dirfd, uint64_t path_at, bool follow, struct node **n)
{
    const char *path;
    int error = sys_path(path_at, &path);
    return error < 0 ? error : sys_find(dirfd, path, follow, n);
}

// Can [va, va + n) be the user's at all?
static bool
user_range(uint64_t va, size_t n)
{
    return va <= USER_TOP && n <= USER_TOP - va;
}

int64_t
sys_read(int fd, uint64_t to, size_t n)
{
    struct file *f = file_get(fd);
    if (f == NULL || !file_readable(f))
        return -EBADF;
    if (!user_range(to, n))
        return -EFAULT;
    return file_read(f, to, min_u64(n, RW_MAX));
}

int64_t
sys_write(int fd, uint64_t from, size_t n)
{
    struct file *f = file_get(fd);
    if (f == NULL || !file_writable(f))
        return -EBADF;
    if (!user_range(from, n))
        return -EFAULT;
    return file_write(f, from, min_u64(n, RW_MAX));
}

int64_t
sys_vector(int fd, uint64_t iov, int64_t count, bool write)
{
    struct file *f = file_get(fd);
    struct iovec v;
    int64_t total = 0, error = 0;
    if (f == NULL || !(write ? file_writable(f) : file_readable(f)))
        return -EBADF;
    if (count < 0 || count > IOV_MAX)
        return -EINVAL;
    for (int64_t i = 0; i < count; i++) {
        if (copy_in(&v, iov + (uint64_t)i * sizeof(v), sizeof(v)) < 0)
            return -EFAULT;
        if ((int64_t)v.len < 0)
            return -EINVAL;
        if (!user_range(v.base, v.len))
            return -EFAULT;
    }
    for (int64_t i = 0; i < count; i++) {
        if (copy_in(&v, iov + (uint64_t)i * sizeof(v), sizeof(v)) < 0
            || !user_range(v.base, v.len))
            return total > 0 ? total : -EFAULT;
        uint64_t room = RW_MAX - (uint64_t)total;
        if (v.len == 0 || room == 0)
            continue;
        // What has been read already is not worth waiting on for more.
        if (!write && total > 0 && f->pipe != NULL
            && f->pipe->head == f->pipe->tail)
            break;
        error = (write ? file_write : file_read)(f, v.base,
                                                 min_u64(v.len, room));
        if (error < 0)
            break;
        total += error;
        if ((uint64_t)error < v.len)
            break;
    }
    return total > 0 || error >= 0 ? total : error;
}

// ---- opening and closing --------------------------------------------------

// Find or make the node that open() means.
static int
open_node(int dirfd, uint64_t path_at, uint32_t flags, uint32_t mode,
          struct node **n)
{
    const char *path;
    char name[NODE_NAME];
    int error = sys_path(path_at, &path);
    if (error < 0)
        return error;
    error = sys_find(dirfd, path, !(flags & O_NOFOLLOW), n);
    if (error == 0 && (flags & O_CREAT) && (flags & O_EXCL))
        return -EEXIST;
    if (error != -ENOENT || !(flags & O_CREAT) || path[0] == '\0')
        return error;
    struct node *from = current->cwd, *dir;
    if (dirfd != AT_FDCWD && path[0] != '/')
        from = file_get(dirfd)->node;
    error = fs_find_parent(from, path, &dir, name);
    if (error < 0)
        return error;
    if (path[strlen(path) - 1] == '/')
        return -EISDIR;
    return node_make(dir, name, S_IFREG | (mode & 0777 & ~current->umask), n);
}

int64_t
sys_openat(int dirfd, uint64_t path, uint32_t flags, uint32_t mode)
{
    struct node *n;
    bool write = (flags & O_ACCMODE) != O_RDONLY;
    int error = open_node(dirfd, path, flags, mode, &n);
    if (error < 0)
        return error;
    if ((n->mode & S_IFMT) == S_IFLNK)
        return -ELOOP;
    if (S_ISDIR(n->mode) && (write || (flags & O_CREAT)))
        return -EISDIR;
    if ((flags & O_DIRECTORY) && !S_ISDIR(n->mode))
        return -ENOTDIR;
    struct file *f = file_alloc();
    if (f == NULL)
        return -ENFILE;
    f->node = node_share(n);
    f->flags = flags & ~(uint32_t)(O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC);
    int fd = fd_install(f, 0, flags & O_CLOEXEC);
    if (fd < 0) {
        file_close(f);
        return fd;
    }
    if ((flags & O_TRUNC) && write && S_ISREG(n->mode))
        node_truncate(n);
    return fd;
}

int64_t
sys_close(int fd)
{
    struct file *f = file_get(fd);
    if (f == NULL)
        return -EBADF;
    current->fd[fd] = NULL;
    current->cloexec &= ~(1UL << fd);
    file_close(f);
    return 0;
}

int64_t
sys_lseek(int fd, int64_t offset, int whence)
{
    struct file *f = file_get(fd);
    int64_t base, pos;
    if (f == NULL)
        return -EBADF;
    if (f->pipe != NULL || f->node->device == DEV_CONSOLE)
        return -ESPIPE;
    if (whence == SEEK_SET)
        base = 0;
    else if (whence == SEEK_CUR)
        base = (int64_t)f->pos;
    else if (whence == SEEK_END)
        base = (int64_t)f->node->size;
    else
        return -EINVAL;
    if (__builtin_add_overflow(base, offset, &pos))
        return -EOVERFLOW;
    if (pos < 0)
        return -EINVAL;
    f->pos = (uint64_t)pos;
    return pos;
}

int64_t
sys_dup(int fd)
{
    struct file *f = file_get(fd);
    if (f == NULL)
        return -EBADF;
    int new = fd_install(f, 0, false);
    if (new >= 0)
        file_share(f);
    return new;
}

int64_t
sys_dup3(int old, int new, uint32_t flags, bool same_ok)
{
    struct file *f = file_get(old);
    if (flags & ~(uint32_t)O_CLOEXEC)
        return -EINVAL;
    if (!same_ok && old == new)
        return -EINVAL;
    if (f == NULL || new < 0 || new >= NFD)
        return -EBADF;
    if (old == new)
        return new;
    struct file *was = current->fd[new];
    current->fd[new] = file_share(f);
    current->cloexec &= ~(1UL << new);
    current->cloexec |= (uint64_t)((flags & O_CLOEXEC) != 0) << new;
    if (was != NULL)
        file_close(was);
    return new;
}

int64_t
sys_pipe2(uint64_t fds, uint32_t flags)
{
    struct file *r, *w;
    int32_t fd[2];
    if (flags & ~(uint32_t)(O_CLOEXEC | O_NONBLOCK))
        return -EINVAL;
    int error = pipe_open(&r, &w);
    if (error < 0)
        return error;
    r->flags |= flags & O_NONBLOCK;
    w->flags |= flags & O_NONBLOCK;
    fd[0] = fd_install(r, 0, flags & O_CLOEXEC);
    fd[1] = fd_install(w, 0, flags & O_CLOEXEC);
    error = fd[0] < 0 || fd[1] < 0 ? -EMFILE
          : copy_out(fds, fd, sizeof(fd));
    if (error == 0)
        return 0;
    for (int i = 0; i < 2; i++)
        if (fd[i] >= 0)
            current->fd[fd[i]] = NULL;
    file_close(r);
    file_close(w);
    return error;
}

int64_t
sys_fcntl(int fd, int cmd, uint64_t arg)
{
    struct file *f = file_get(fd);
    if (f == NULL)
        return -EBADF;
    uint64_t bit = 1UL << fd;
    int new;
    switch (cmd) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        if ((uint32_t)arg >= NFD)
            return -EINVAL;
        new = fd_install(f, (int)arg, cmd == F_DUPFD_CLOEXEC);
        if (new >= 0)
            file_share(f);
        return new;
    case F_GETFD:
        return current->cloexec & bit ? FD_CLOEXEC : 0;
    case F_SETFD:
        current->cloexec &= ~bit;
        current->cloexec |= arg & FD_CLOEXEC ? bit : 0;
        return 0;
    case F_GETFL:
        return f->flags;
    case F_SETFL:
        f->flags &= ~(uint32_t)(O_APPEND | O_NONBLOCK);
        f->flags |= arg & (O_APPEND | O_NONBLOCK);
        return 0;
    }
    return -EINVAL;
}

int64_t
sys_ioctl(int fd, uint64_t request, uint64_t arg)
{
    struct file *f = file_get(fd);
    if (f == NULL)
        return -EBADF;
    if (f->node == NULL || f->node->device != DEV_CONSOLE)
        return -ENOTTY;
    return console_ioctl(request, arg);
}

// ---- names ----------------------------------------------------------------

int64_t
sys_fstat(int fd, uint64_t to)
{
    struct stat st;
    struct file *f = file_get(fd);
    if (f == NULL)
        return -EBADF;
    file_stat(f, &st);
    return copy_out(to, &st, sizeof(st));
}

int64_t
sys_fstatat(int dirfd, uint64_t path_at, uint64_t to, uint32_t flags)
{
    struct stat st;
    struct node *n;
    const char *path;
    if (flags & ~(uint32_t)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    int error = sys_path(path_at, &path);
    if (error < 0)
        return error;
    if (path[0] == '\0' && (flags & AT_EMPTY_PATH) && dirfd != AT_FDCWD)
        return sys_fstat(dirfd, to);
    if (path[0] == '\0' && (flags & AT_EMPTY_PATH))
        path = ".";
    error = sys_find(dirfd, path, !(flags & AT_SYMLINK_NOFOLLOW), &n);
    if (error < 0)
        return error;
    node_stat(n, &st);
    return copy_out(to, &st, sizeof(st));
}

int64_t
sys_access(int dirfd, uint64_t path, uint32_t mode)
{
    struct node *n;
    if (mode > 7)
        return -EINVAL;
    int error = user_find(dirfd, path, true, &n);
    if (error < 0)
        return error;
    // Everybody is root, who may do all but execute what nobody may.
    bool denied = (mode & 1) && S_ISREG(n->mode) && !(n->mode & 0111);
    return denied ? -EACCES : 0;
}

int64_t
sys_readlink(int dirfd, uint64_t path_at, uint64_t to, int64_t size)
{
    static char buf[PATH_MAX];
    struct node *n;
    const char *path;
    int64_t len;
    if (size <= 0)
        return -EINVAL;
    int error = sys_path(path_at, &path);
    if (error < 0)
        return error;
    bool self = strcmp(path, "/proc/self/exe") == 0;
    error = sys_find(dirfd, path, false, &n);
    if (error < 0)
        return error;
    if (self) {
        len = node_path(n, buf, sizeof(buf)) - 1;
    } else {
        if ((n->mode & S_IFMT) != S_IFLNK)
            return -EINVAL;
        len = (int64_t)node_read(n, 0, buf, sizeof(buf));
    }
    len = (int64_t)min_u64((uint64_t)len, (uint64_t)size);
    return copy_out(to, buf, (size_t)len) < 0 ? -EFAULT : len;
}

int64_t
sys_getdents64(int fd, uint64_t to, size_t size)
{
    struct file *f = file_get(fd);
    size_t used = 0;
    if (f == NULL)
        return -EBADF;
    if (f->node == NULL || !S_ISDIR(f->node->mode))
        return -ENOTDIR;
    // Entries 0 and 1 are the directory and its parent.
    struct node *dir = f->node, *child = dir->child;
    for (uint64_t i = 2; i < f->pos && child != NULL; i++)
        child = child->sibling;
    for (;; f->pos++) {
        struct node *n = f->pos == 0 ? dir
                       : f->pos == 1 ? (dir->parent ? dir->parent : dir)
                       : child;
        if (n == NULL)
            break;
        const char *name = f->pos == 0 ? "." : f->pos == 1 ? ".." : n->name;
        struct dirent64 d = { .d_off = (int64_t)f->pos + 1,
                              .d_type = (uint8_t)(n->mode >> 12) };
        struct stat st;
        node_stat(n, &st);
        d.d_ino = st.st_ino;
        size_t head = offsetof(struct dirent64, d_name);
        size_t len = strlen(name) + 1;
        d.d_reclen = (uint16_t)ROUND_UP(head + len, 8);
        if (used + d.d_reclen > size)
            return used > 0 ? (int64_t)used : -EINVAL;
        if (copy_out(to + used, &d, head) < 0
            || copy_out(to + used + head, name, len) < 0)
            return used > 0 ? (int64_t)used : -EFAULT;
        used += d.d_reclen;
        if (f->pos >= 2)
            child = child->sibling;
    }
    return (int64_t)used;
}

int64_t
sys_getcwd(uint64_t to, size_t size)
{
    static char buf[PATH_MAX];
    int64_t len = node_path(current->cwd, buf, sizeof(buf));
    if (!current->cwd->in_tree)
        return -ENOENT;
    if (len < 0 || (uint64_t)len > size)
        return -ERANGE;
    return copy_out(to, buf, (size_t)len) < 0 ? -EFAULT : len;
}

int64_t
sys_chdir(uint64_t path)
{
    struct node *n;
    int error = user_find(AT_FDCWD, path, true, &n);
    if (error < 0)
        return error;
    if (!S_ISDIR(n->mode))
        return -ENOTDIR;
    node_share(n);
    node_drop(current->cwd);
    current->cwd = n;
    return 0;
}

int64_t
sys_mkdir(uint64_t path_at, uint32_t mode)
{
    struct node *dir, *n;
    const char *path;
    char name[NODE_NAME];
    int error = sys_path(path_at, &path);
    if (error < 0)
        return error;
    if (sys_find(AT_FDCWD, path, false, &n) == 0)
        return -EEXIST;
    error = fs_find_parent(current->cwd, path, &dir, name);
    if (error < 0)
        return error;
    return node_make(dir, name, S_IFDIR | (mode & 01777 & ~current->umask),
                     &n);
}

int64_t
sys_unlink(uint64_t path, bool directory)
{
    struct node *n;
    int error = user_find(AT_FDCWD, path, false, &n);
    if (error < 0)
        return error;
    if (n == current->exe && n->parent == NULL)
        return -ENOENT;
    if (directory && !S_ISDIR(n->mode))
        return -ENOTDIR;
    if (!directory && S_ISDIR(n->mode))
        return -EISDIR;
    if (n->parent == NULL || n->device != NO_DEVICE)
        return -EBUSY;
    if (n->child != NULL)
        return -ENOTEMPTY;
    if (!n->in_tree)
        return -ENOENT;
    node_unlink(n);
    return 0;
}

// ---- poll -----------------------------------------------------------------

static int16_t
poll_file(const struct file *f, int16_t wanted)
{
    int16_t got = 0;
    if (f->pipe != NULL) {
        const struct pipe *p = f->pipe;
        if (!file_writable(f))
            got |= (p->head > p->tail ? POLLIN : 0)
                   | (p->writers == 0 ? POLLHUP : 0);
        else
            got |= (p->head - p->tail < PIPE_SIZE ? POLLOUT : 0)
                   | (p->readers == 0 ? POLLERR : 0);
    } else {
        bool console = f->node->device == DEV_CONSOLE;
        got |= POLLOUT | (!console || console_has_input() ? POLLIN : 0);
    }
    return got & (wanted | POLLERR | POLLHUP);
}

// There is one channel to sleep on and there may be many files, so poll looks
// again at every tick.
int64_t
sys_poll(uint64_t fds, uint64_t count, int64_t timeout_ms)
{
    struct pollfd p[POLL_MAX];
    uint64_t start = rdtsc();
    if (count > POLL_MAX)
        return -EINVAL;
    if (copy_in(p, fds, count * sizeof(p[0])) < 0)
        return -EFAULT;
    for (;;) {
        int64_t ready = 0;
        for (uint64_t i = 0; i < count; i++) {
            struct file *f = file_get(p[i].fd);
            p[i].revents = p[i].fd < 0 ? 0
                         : f == NULL ? POLLNVAL : poll_file(f, p[i].events);
            ready += p[i].revents != 0;
        }
        uint64_t ms = (rdtsc() - start) / (clock_tsc_per_us * 1000);
        if (ready > 0 || (timeout_ms >= 0 && ms >= (uint64_t)timeout_ms))
            return copy_out(fds, p, count * sizeof(p[0])) < 0 ? -EFAULT
                                                              : ready;
        uint64_t soon = rdtsc() + clock_period / 2;
        if (sleep_until(&clock_ticks, soon) == -ERESTART)
            return -EINTR;
    }
}
