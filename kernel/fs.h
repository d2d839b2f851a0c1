// SPDX-License-Identifier: MIT
// fs.h -- the file system in memory: a tree of nodes, filled from the initial
// archive.
#ifndef FS_H
#define FS_H

#include "frame.h"

#define NNODE 512
#define NODE_NAME 256
#define FILE_MAX ((uint64_t)PAGE_SIZE * (PAGE_SIZE / sizeof(frame_t)))

enum device { NO_DEVICE, DEV_NULL, DEV_ZERO, DEV_CONSOLE };

struct node {
    int refs;                   // open files, cwds, exes; and 1 for the tree
    bool in_tree;
    char name[NODE_NAME];
    struct node *parent, *child, *sibling;
    uint32_t mode;              // S_IF... and permissions
    enum device device;
    uint64_t size;
    // Content: still in the archive, or in frames of our own, whose addresses
    // are in the frame `index`.
    const char *archive;
    frame_t index;
};

extern struct node *fs_root;

// Make the root, /dev and /tmp, and unpack the archive (cpio, "newc").
void fs_init(const void *archive, size_t size);

// Find the node of `path`, which starts at `from` unless it starts with '/'.
// A symbolic link at the end is followed if `follow`.  0 or -errno.
int fs_find(struct node *from, const char *path, bool follow,
            struct node **found);

// Find the directory that `path` is in, and its last component in `name`.
int fs_find_parent(struct node *from, const char *path, struct node **dir,
                   char name[NODE_NAME]);

// A new node in `dir`, where there is none of that name.  0, -ENOSPC, or
// -ENOENT if the directory itself has been removed.
int node_make(struct node *dir, const char *name, uint32_t mode,
              struct node **made);

// Take it out of the tree; it goes when nobody has it open any more.
void node_unlink(struct node *n);

struct node *node_share(struct node *n);
void node_drop(struct node *n);

// Bytes of a regular file.  Reading returns how many there were.
size_t node_read(struct node *n, uint64_t pos, void *to, size_t len);

// Room for [pos, pos + len), all of it: 0, -EFBIG or -ENOSPC.
int node_grow(struct node *n, uint64_t pos, size_t len);

// The bytes at pos, to the end of their page at most; NULL if it is a hole.
void *node_page(struct node *n, uint64_t pos);

int node_truncate(struct node *n);
void node_stat(const struct node *n, struct stat *st);

// The path of n from the root.  Its length with the 0, or -ERANGE.
int64_t node_path(const struct node *n, char *buf, size_t size);

#endif
