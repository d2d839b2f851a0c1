// SPDX-License-Identifier: MIT
// file.h -- open file descriptions, shared by descriptors across fork and dup;
// and pipes.
#ifndef FILE_H
#define FILE_H

#include "fs.h"
#include "proc.h"

#define NFILE 512
#define NPIPE 128
#define PIPE_SIZE PAGE_SIZE     // as on Linux where memory is short; PIPE_BUF

struct pipe {
    bool used;
    frame_t frame;              // the ring
    uint64_t head, tail;        // bytes ever written, ever read
    int readers, writers;       // open file descriptions
};

// The offset is in here, not in the descriptor: that is why it moves for
// parent and child at once.
struct file {
    int refs;
    uint32_t flags;             // O_...
    uint64_t pos;
    struct node *node;          // or, if NULL,
    struct pipe *pipe;
};

// A new one with one reference; NULL if the table is full.
struct file *file_alloc(void);
struct file *file_share(struct file *f);
void file_close(struct file *f);

// The running process's file behind fd, NULL if there is none.
struct file *file_get(int64_t fd);

// The lowest free descriptor >= from now refers to f.  -EMFILE (then the
// reference stays with the caller).
int fd_install(struct file *f, int64_t from, bool cloexec);

bool file_readable(const struct file *f);
bool file_writable(const struct file *f);

// Move bytes between a file, at its own position, and the user's memory.
// What has been moved, or -errno if nothing has.
int64_t file_read(struct file *f, uint64_t to, size_t n);
int64_t file_write(struct file *f, uint64_t from, size_t n);

void file_stat(struct file *f, struct stat *st);

// Two ends in *r and *w.  0, -ENFILE or -ENOMEM.
int pipe_open(struct file **r, struct file **w);
int64_t pipe_read(struct file *f, uint64_t to, size_t n);
int64_t pipe_write(struct file *f, uint64_t from, size_t n);
void pipe_close(struct pipe *p, bool writer);

// How many files and pipes are in use, for the tests.
int files_in_use(void);

#endif
