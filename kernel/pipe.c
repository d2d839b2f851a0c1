// SPDX-License-Identifier: MIT
// pipe.c -- a ring of one page between two file descriptions.  Readers sleep
// on &p->head, writers on &p->tail, each until the other side moves it.
#include "file.h"
#include "signal.h"

static struct pipe pipes[NPIPE];

int
pipe_open(struct file **r, struct file **w)
{
    struct pipe *p = pipes;
    while (p < pipes + NPIPE && p->used)
        p++;
    if (!alloc_allowed() || p == pipes + NPIPE)
        return -ENFILE;
    frame_t frame = frame_alloc();
    *r = file_alloc();
    *w = file_alloc();
    if (frame == 0 || *r == NULL || *w == NULL)
        goto fail;
    *p = (struct pipe){ .used = true, .frame = frame, .readers = 1,
                        .writers = 1 };
    (*r)->pipe = (*w)->pipe = p;
    (*r)->flags = O_RDONLY;
    (*w)->flags = O_WRONLY;
    return 0;

fail:
    if (*w != NULL)
        file_close(*w);
    if (*r != NULL)
        file_close(*r);
    if (frame == 0)
        return -ENOMEM;
    frame_drop(frame);
    return -ENFILE;
}

void
pipe_close(struct pipe *p, bool writer)
{
    if (writer)
        p->writers--;
    else
        p->readers--;
    wakeup(&p->head);
    wakeup(&p->tail);
    if (p->readers > 0 || p->writers > 0)
        return;
    frame_drop(p->frame);
    p->used = false;
}

static char *
ring(struct pipe *p, uint64_t at)
{
    return (char *)frame_ptr(p->frame) + at % PIPE_SIZE;
}

int64_t
pipe_read(struct file *f, uint64_t to, size_t n)
{
    struct pipe *p = f->pipe;
    size_t done = 0;
    if (n == 0)
        return 0;
    while (p->head == p->tail) {
        if (p->writers == 0)
            return 0;
        if (f->flags & O_NONBLOCK)
            return -EAGAIN;
        int error = sleep_on(&p->head);
        if (error < 0)
            return error;
    }
    while (done < n && p->tail < p->head) {
        size_t step = min_u64(n - done, p->head - p->tail);
        step = min_u64(step, PIPE_SIZE - p->tail % PIPE_SIZE);
        if (copy_out(to + done, ring(p, p->tail), step) < 0)
            break;
        p->tail += step;
        done += step;
    }
    wakeup(&p->tail);
    return done > 0 ? (int64_t)done : -EFAULT;
}

// Wait for room: all of n where that fits at all, so that small writes are
// not torn apart by other writers' (POSIX's PIPE_BUF).
static int
wait_for_room(struct file *f, size_t n)
{
    struct pipe *p = f->pipe;
    size_t need = n <= PIPE_SIZE ? n : 1;
    for (;;) {
        if (p->readers == 0) {
            signal_send(current, SIGPIPE);
            return -EPIPE;
        }
        if (PIPE_SIZE - (p->head - p->tail) >= need)
            return 0;
        if (f->flags & O_NONBLOCK)
            return -EAGAIN;
        int error = sleep_on(&p->tail);
        if (error < 0)
            return error;
    }
}

int64_t
pipe_write(struct file *f, uint64_t from, size_t n)
{
    struct pipe *p = f->pipe;
    size_t done = 0;
    int error = 0;
    while (done < n) {
        error = wait_for_room(f, n - done);
        if (error < 0)
            break;
        size_t step = min_u64(n - done, PIPE_SIZE - (p->head - p->tail));
        step = min_u64(step, PIPE_SIZE - p->head % PIPE_SIZE);
        error = copy_in(ring(p, p->head), from + done, step);
        if (error < 0)
            break;
        p->head += step;
        done += step;
        wakeup(&p->head);
    }
    return done > 0 ? (int64_t)done : error;
}
