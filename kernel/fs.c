// SPDX-License-Identifier: MIT
// fs.c -- a file system in memory.  What comes from the initial archive stays
// there until somebody writes to it.  Used by file.c, exec.c and syscall.c.
//
// Invariant: a node is in use if and only if refs > 0; a directory's children
// hold one reference to it each.
#include "fs.h"

#define LINKS_MAX 8
#define PERMISSIONS 07777u

static struct node nodes[NNODE];
struct node *fs_root;

struct node *
node_share(struct node *n)
{
    assert(n->refs > 0);
    n->refs++;
    return n;
}

static void
free_content(struct node *n)
{
    n->archive = NULL;
    n->size = 0;
    if (n->index == 0)
        return;
    frame_t *frames = frame_ptr(n->index);
    for (size_t i = 0; i < PAGE_SIZE / sizeof(frame_t); i++)
        if (frames[i] != 0)
            frame_drop(frames[i]);
    frame_drop(n->index);
    n->index = 0;
}

void
node_drop(struct node *n)
{
    assert(n->refs > 0);
    if (--n->refs > 0)
        return;
    free_content(n);
    node_drop(n->parent);
}

int
node_make(struct node *dir, const char *name, uint32_t mode,
          struct node **made)
{
    struct node *n = nodes;
    if (dir != NULL && !dir->in_tree)
        return -ENOENT;
    while (n < nodes + NNODE && n->refs > 0)
        n++;
    if (!alloc_allowed() || n == nodes + NNODE)
        return -ENOSPC;
    memset(n, 0, sizeof(*n));
    n->refs = 1;
    n->in_tree = true;
    n->mode = mode;
    copy_string(n->name, name, sizeof(n->name));
    if (dir != NULL) {
        // Behind the others, so that a listing is in the order of creation.
        struct node **last = &dir->child;
        while (*last != NULL)
            last = &(*last)->sibling;
        *last = n;
        n->parent = node_share(dir);
    }
    *made = n;
    return 0;
}

void
node_unlink(struct node *n)
{
    struct node **link = &n->parent->child;
    while (*link != n)
        link = &(*link)->sibling;
    *link = n->sibling;
    n->in_tree = false;
    node_drop(n);
}

// ---- paths ----------------------------------------------------------------

static struct node *
child_named(struct node *dir, const char *name)
{
    if (strcmp(name, ".") == 0)
        return dir;
    if (strcmp(name, "..") == 0)
        return dir->parent != NULL ? dir->parent : dir;
    for (struct node *n = dir->child; n != NULL; n = n->sibling)
        if (strcmp(n->name, name) == 0)
            return n;
    return NULL;
}

// Split off the first component of *path.  0 at the end, 1, or -ENAMETOOLONG.
static int
next_name(const char **path, char name[NODE_NAME])
{
    size_t n = 0;
    const char *s = *path;
    while (*s == '/')
        s++;
    for (; *s != '\0' && *s != '/'; s++) {
        if (n == NODE_NAME - 1)
            return -ENAMETOOLONG;
        name[n++] = *s;
    }
    name[n] = '\0';
    *path = s;
    return n > 0;
}

static bool
only_slashes(const char *s)
{
    while (*s == '/')
        s++;
    return *s == '\0';
}

// With `dir` the walk ends before the last component, which is then in `name`.
static int
find(struct node *from, const char *path, bool follow, bool dir,
     struct node **found, char name[NODE_NAME], int links)
{
    struct node *n = *path == '/' ? fs_root : from;
    int more;
    if (*path == '\0')
        return -ENOENT;
    while ((more = next_name(&path, name)) > 0) {
        bool last = only_slashes(path);
        if (!S_ISDIR(n->mode))
            return -ENOTDIR;
        if (dir && last)
            break;
        struct node *c = child_named(n, name);
        if (c == NULL)
            return -ENOENT;
        if ((c->mode & S_IFMT) == S_IFLNK && (!last || follow || *path)) {
            char target[NODE_NAME];
            if (links == LINKS_MAX)
                return -ELOOP;
            target[node_read(c, 0, target, sizeof(target) - 1)] = '\0';
            int error = find(n, target, true, false, &c, name, links + 1);
            if (error < 0)
                return error;
        }
        if (*path == '/' && !S_ISDIR(c->mode))
            return -ENOTDIR;
        n = c;
    }
    *found = n;
    return more < 0 ? more : 0;
}

int
fs_find(struct node *from, const char *path, bool follow, struct node **found)
{
    char name[NODE_NAME];
    return find(from, path, follow, false, found, name, 0);
}

int
fs_find_parent(struct node *from, const char *path, struct node **dir,
               char name[NODE_NAME])
{
    name[0] = '\0';
    int error = find(from, path, true, true, dir, name, 0);
    if (error < 0)
        return error;
    bool itself = name[0] == '\0' || strcmp(name, ".") == 0
                  || strcmp(name, "..") == 0;
    return itself ? -EEXIST : 0;
}

int64_t
node_path(const struct node *n, char *buf, size_t size)
{
    // Filled from the end, then moved to the front.
    size_t at = size - 1;
    buf[at] = '\0';
    if (n->parent == NULL)
        buf[--at] = '/';
    for (; n->parent != NULL; n = n->parent) {
        size_t len = strlen(n->name);
        if (at < len + 1)
            return -ERANGE;
        at -= len;
        memcpy(buf + at, n->name, len);
        buf[--at] = '/';
    }
    memmove(buf, buf + at, size - at);
    return (int64_t)(size - at);
}

// ---- content --------------------------------------------------------------

void *
node_page(struct node *n, uint64_t pos)
{
    if (n->index == 0 || pos >= FILE_MAX)
        return NULL;
    frame_t f = ((frame_t *)frame_ptr(n->index))[pos / PAGE_SIZE];
    return f == 0 ? NULL : (char *)frame_ptr(f) + pos % PAGE_SIZE;
}

size_t
node_read(struct node *n, uint64_t pos, void *to, size_t len)
{
    if (pos >= n->size)
        return 0;
    len = min_u64(len, n->size - pos);
    if (n->archive != NULL) {
        memcpy(to, n->archive + pos, len);
        return len;
    }
    for (size_t done = 0, step; done < len; done += step, pos += step) {
        const void *page = node_page(n, pos);
        step = min_u64(len - done, PAGE_SIZE - pos % PAGE_SIZE);
        if (page == NULL)
            memset((char *)to + done, 0, step);
        else
            memcpy((char *)to + done, page, step);
    }
    return len;
}

int
node_grow(struct node *n, uint64_t pos, size_t len)
{
    const char *archive = n->archive;
    uint64_t size = n->size;
    if (archive != NULL) {
        // The first write: from now on the content is our own.
        n->archive = NULL;
        int error = node_grow(n, 0, size);
        for (uint64_t p = 0; error == 0 && p < size; p += PAGE_SIZE)
            memcpy(node_page(n, p), archive + p, min_u64(PAGE_SIZE, size - p));
        if (error < 0) {
            free_content(n);
            n->archive = archive;
            n->size = size;
            return error;
        }
    }
    if (pos >= FILE_MAX || len > FILE_MAX - pos)
        return -EFBIG;
    if (n->index == 0 && (n->index = frame_alloc_zero()) == 0)
        return -ENOSPC;
    frame_t *frames = frame_ptr(n->index);
    for (uint64_t i = pos / PAGE_SIZE; i * PAGE_SIZE < pos + len; i++)
        if (frames[i] == 0 && (frames[i] = frame_alloc_zero()) == 0)
            return -ENOSPC;
    return 0;
}

int
node_truncate(struct node *n)
{
    free_content(n);
    return 0;
}

void
node_stat(const struct node *n, struct stat *st)
{
    *st = (struct stat){
        .st_dev = 1, .st_ino = (uint64_t)(n - nodes) + 1, .st_nlink = 1,
        .st_mode = n->mode, .st_size = (int64_t)n->size,
        .st_rdev = (uint64_t)n->device, .st_blksize = PAGE_SIZE,
        .st_blocks = (int64_t)(ROUND_UP(n->size, PAGE_SIZE) / 512),
    };
    if (S_ISDIR(n->mode)) {
        st->st_nlink = 2;
        for (const struct node *c = n->child; c != NULL; c = c->sibling)
            st->st_nlink += S_ISDIR(c->mode);
    }
}

// ---- the initial archive --------------------------------------------------

#define CPIO_HEADER 110     // "070701", then 13 fields of 8 hex digits
enum { CPIO_MODE = 1, CPIO_SIZE = 6, CPIO_NAME_SIZE = 11 };

static uint32_t
cpio_field(const char *header, int field)
{
    char digits[11] = "0x";
    memcpy(digits + 2, header + 6 + field * 8, 8);
    for (int i = 2; i < 10; i++)
        if (digits[i] >= 'A' && digits[i] <= 'F')
            digits[i] += 'a' - 'A';
    return (uint32_t)parse_number(digits);
}

static struct node *
make_at(const char *path, uint32_t mode)
{
    struct node *dir, *n;
    char name[NODE_NAME];
    if (fs_find(fs_root, path, false, &n) == 0)
        return n;
    if (fs_find_parent(fs_root, path, &dir, name) < 0
        || node_make(dir, name, mode, &n) < 0) {
        klog("archive: no room, or no directory, for %s", path);
        return NULL;
    }
    return n;
}

static void
unpack(const char *at, size_t left)
{
    while (left >= CPIO_HEADER && memcmp(at, "070701", 6) == 0) {
        uint32_t mode = cpio_field(at, CPIO_MODE);
        uint64_t size = cpio_field(at, CPIO_SIZE);
        const char *name = at + CPIO_HEADER;
        uint64_t data = ROUND_UP(CPIO_HEADER + cpio_field(at, CPIO_NAME_SIZE),
                                 4);
        uint64_t next = data + ROUND_UP(size, 4);
        if (strcmp(name, "TRAILER!!!") == 0)
            return;
        if (next > left)
            break;
        struct node *n = make_at(name, mode & (S_IFMT | PERMISSIONS));
        if (n != NULL && !S_ISDIR(mode)) {
            n->archive = at + data;
            n->size = size;
        }
        at += next;
        left -= next;
    }
    klog("archive: damaged, or not in the format newc; %lu bytes not read",
         left);
}

void
fs_init(const void *archive, size_t size)
{
    assert(node_make(NULL, "", S_IFDIR | 0755, &fs_root) == 0);
    make_at("/dev", S_IFDIR | 0755);
    make_at("/tmp", S_IFDIR | 0777);
    make_at("/dev/null", S_IFCHR | 0666)->device = DEV_NULL;
    make_at("/dev/zero", S_IFCHR | 0666)->device = DEV_ZERO;
    make_at("/dev/console", S_IFCHR | 0600)->device = DEV_CONSOLE;
    make_at("/dev/tty", S_IFCHR | 0666)->device = DEV_CONSOLE;
    if (size > 0)
        unpack(archive, size);
}
