// SPDX-License-Identifier: MIT
// judge.c -- the judge of lab 6.
//
//     judge ---- each thread of the subject, and of its children, by a channel
//       |
//       +------- /proc/PID/mem of each: the counters as they are
//
// The subject (subject.c, the small dynarec, inuse.c) does nothing by itself:
// where its threads stand, how deep, who forks, is drawn here and told one step
// at a time, so no code in there knows what the counters should be.  Where the
// dynarec lies was said before a line of inuse.c has run.  The tests named
// box64-* are in real.c.  Book: chapter 6.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crash.h"
#include "dyn.h"
#include "judge.h"
#include "real.h"
#include "talk.h"

enum { THREADS = 64, PROCESSES = 8, FRAMES = 160, NEVER = 1 << 30 };
enum { NO_BLOCK = -1 };

// How a frame came to be: what has to be undone by a return.
struct frame {
    int block;          // that is held, or NO_BLOCK
    bool plain;         // called on the thread's own registers
    bool sudden;        // a signal brought it: it and the one below end as one
};

// A thread of the subject, or of a child of it.
struct thread {
    struct process *of;
    int fd, number;     // as a worker
    struct frame frame[FRAMES];
    int depth;
    int64_t sum;        // what r1 has to be
};

struct process {
    const char *name;
    pid_t pid;
    struct thread *forker;      // in the parent: who made it; NULL: the first
    bool copied;                // the counters are what inuse.c made of them
    uint32_t spare[BLOCKS];     // so many too many are allowed
    uint32_t ghosts[BLOCKS];    // for messages: holds that stayed behind
};

struct test {
    struct judge *j;
    struct cell *cell;
    int door;
    uint64_t dyn, mem;          // where these are in every process
    struct thread thread[THREADS];
    struct process process[PROCESSES];
    int threads, processes, workers;
    int order[ASKS];            // blocks, as they were drawn
};

// The memory of a process, as far as it matters.
struct view {
    struct dyn dyn;
    struct block block[MAX_CHUNKS][CHUNK_SLOTS];
    uint64_t table[END_PC];     // struct block *, of the subject
};

static const char *const generations[] = {
    "the parent", "the child", "the grandchild", "the great-grandchild",
    "the child of the great-grandchild", "a later child",
};

// ------------------------------------------------------------------- channels

// A process that is gone: its parent knows what it died of.
static _Noreturn void
is_dead(struct test *t, const struct process *p, const char *want);

// One message, and who sent it.  False: nobody will send any more.
static bool
next_message(struct test *t, struct thread *w, struct message *m, pid_t *pid,
             const char *want)
{
    union {
        char room[CMSG_SPACE(sizeof(struct ucred))];
        struct cmsghdr align;
    } control = {{0}};
    struct iovec io = {m, sizeof *m};
    struct msghdr h = {.msg_iov = &io, .msg_iovlen = 1,
                       .msg_control = control.room,
                       .msg_controllen = sizeof control.room};
    struct cmsghdr *c;
    struct ucred who = {0};

    if (judge_wait(t->j, t->cell, w->fd, want) == 0 ||
        recvmsg(w->fd, &h, MSG_DONTWAIT) != (ssize_t)sizeof *m)
        return false;
    c = CMSG_FIRSTHDR(&h);
    if (c && c->cmsg_type == SCM_CREDENTIALS)
        memcpy(&who, CMSG_DATA(c), sizeof who);
    *pid = who.pid;
    return true;
}

// The next message of this thread, or the end of the test.
static struct message
hear(struct test *t, struct thread *w, const char *want)
{
    struct message m;
    pid_t pid = 0;

    if (!next_message(t, w, &m, &pid, want)) {
        if (w->of->forker)
            is_dead(t, w->of, want);
        judge_recv(t->j, t->cell, w->fd, &m, sizeof m, want);
    }
    if (!w->of->pid && (!w->of->forker || pid != w->of->forker->of->pid))
        w->of->pid = pid;
    if (pid != w->of->pid)
        judge_fail(t->j, JUDGE_CHEAT, want, "another process speaks for it");
    return m;
}

static void
tell(struct test *t, struct thread *w, const struct command *c)
{
    (void)t;
    // One that is dead is noticed by what it does not answer.
    send(w->fd, c, sizeof *c, MSG_NOSIGNAL);
}

static int64_t
order(struct test *t, struct thread *w, const struct command *c,
      const char *want)
{
    tell(t, w, c);
    return hear(t, w, want).value;
}

#define ORDER(t, w, want, ...) \
    order(t, w, &(struct command){__VA_ARGS__}, want)

static _Noreturn void
is_dead(struct test *t, const struct process *p, const char *want)
{
    int status = (int)ORDER(t, p->forker, want, .op = DO_WAIT);

    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGTRAP)
        judge_fail(t->j, JUDGE_CRASH, want,
                   "%s died of signal %d (%s): it came back to a block that "
                   "was freed, since its in_used was too small", p->name,
                   SIGTRAP, strsignal(SIGTRAP));
    if (WIFSIGNALED(status)) {
        const char *place = crash_place(judge_output(t->cell),
                                        judge_built(t->j, ""));

        judge_fail(t->j, JUDGE_CRASH, want, "%s died of signal %d (%s)%s%s",
                   p->name, WTERMSIG(status), strsignal(WTERMSIG(status)),
                   place ? ", at " : "", place ? place : "");
    }
    judge_fail(t->j, JUDGE_SILENT, want, "%s ended instead, with status %d",
               p->name, WEXITSTATUS(status));
}

// A process's number as it sees it itself.
static int
inner_pid(pid_t pid)
{
    char path[64], text[4096], *line;
    ssize_t n;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[n < 0 ? 0 : n] = '\0';
    line = strstr(text, "\nNSpid:\t");
    if (!line)
        return -1;
    line += 1;
    line[strcspn(line, "\n")] = '\0';
    return atoi(strrchr(line, '\t') + 1);
}

// The channel that comes through the door.
static int
receive(struct test *t, const char *want)
{
    char byte;
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    struct iovec io = {&byte, 1};
    struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1,
                       .msg_control = control.room,
                       .msg_controllen = sizeof control.room};
    struct cmsghdr *h;
    int fd = -1;

    if (judge_wait(t->j, t->cell, t->door, want) == 1 &&
        recvmsg(t->door, &m, MSG_CMSG_CLOEXEC) == 1 &&
        (h = CMSG_FIRSTHDR(&m)) && h->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(h), sizeof fd);
    if (fd < 0) {    // the cell has ended, or somebody writes on the door
        judge_recv(t->j, t->cell, t->door, &byte, sizeof byte, want);
        judge_fail(t->j, JUDGE_CHEAT, want, "somebody else opens a channel");
    }
    return fd;
}

static struct thread *
meet(struct test *t, struct process *of, const char *want)
{
    struct thread *w = &t->thread[t->threads];

    if (t->threads == THREADS)
        judge_fail(t->j, JUDGE_BROKEN, "room for a thread", "none is left");
    *w = (struct thread){.of = of, .fd = receive(t, want)};
    t->threads++;
    hear(t, w, want);
    return w;
}

// ------------------------------------------------------------------- a memory

static void
read_memory(struct test *t, const struct process *p, uint64_t at, void *to,
            size_t size)
{
    char path[64];
    int fd;

    snprintf(path, sizeof path, "/proc/%d/mem", (int)p->pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || pread(fd, to, size, (off_t)at) != (ssize_t)size)
        judge_fail(t->j, JUDGE_BROKEN, "to read the memory of the subject",
                   "%s at 0x%" PRIx64 ": %s", path, at, strerror(errno));
    close(fd);
}

static const struct view *
look(struct test *t, const struct process *p)
{
    static struct view v[2];
    static int turn;

    turn = !turn;
    read_memory(t, p, t->dyn, &v[turn].dyn, sizeof v[turn].dyn);
    if (v[turn].dyn.chunks > MAX_CHUNKS)
        judge_fail(t->j, JUDGE_WRONG, "nothing but counters is changed",
                   "%s has %u chunks", p->name, v[turn].dyn.chunks);
    read_memory(t, p, t->dyn + offsetof(struct dyn, table), v[turn].table,
                sizeof v[turn].table);
    for (uint32_t i = 0; i < v[turn].dyn.chunks; i++)
        read_memory(t, p, (uintptr_t)v[turn].dyn.chunk[i].block,
                    v[turn].block[i], sizeof v[turn].block[i]);
    return &v[turn];
}

// The live block at this guest address, and where it is.
static const struct block *
find_block(const struct view *v, uint32_t pc, uint32_t *chunk)
{
    for (uint32_t i = 0; i < v->dyn.chunks; i++)
        for (int k = 0; k < CHUNK_SLOTS; k++) {
            const struct block *b = &v->block[i][k];

            if (b->live && b->pc == pc && v->table[pc] ==
                (uintptr_t)(v->dyn.chunk[i].block + k)) {
                if (chunk)
                    *chunk = i;
                return b;
            }
        }
    return NULL;
}

static const char *
name_of(int block)
{
    static char name[32];

    if (block == SPIN)
        return "block spin";
    snprintf(name, sizeof name, "block %d", block);
    return name;
}

// How often the threads of a process that live are in this block.
static uint32_t
holds(const struct test *t, const struct process *p, int block)
{
    uint32_t n = 0;

    for (int i = 0; i < t->threads; i++)
        for (int f = 0; t->thread[i].of == p && f < t->thread[i].depth; f++)
            n += t->thread[i].frame[f].block == block;
    return n;
}

static void
check_block(struct test *t, const struct process *p, int b,
            const struct view *v, const struct block *block)
{
    uint32_t low = holds(t, p, b), high = low + p->spare[b];
    uint32_t got = block->in_used, i = 0;
    char want[240], more[32] = "", why[64] = "";

    if (low <= got && got <= high)
        return;
    if (high > low)
        snprintf(more, sizeof more, " to %u", high);
    if (p->ghosts[b])
        snprintf(why, sizeof why, "; %u more were in the parent, and did not "
                 "come along", p->ghosts[b]);
    find_block(v, block->pc, &i);
    snprintf(want, sizeof want, "in %s, in_used of %s, d->chunk[%u].block[%d], "
             "is %u%s, as often as threads of its own are in there%s", p->name,
             name_of(b), i, (int)(block - v->block[i]), low, more, why);
    judge_fail(t->j, JUDGE_WRONG, want, "%d%s", (int)got,
               (int32_t)got < 0 ? ", an underflow" :
               got < low ? ", so the next purge may free it under them" :
               p->copied ? ", so no purge can ever free it" : "");
}

// The counters of this process are what its threads do.
static void
check(struct test *t, const struct process *p)
{
    const struct view *v = look(t, p);

    for (int b = 0; b < BLOCKS; b++) {
        const struct block *block = find_block(v, block_pc(b), NULL);

        if (block)
            check_block(t, p, b, v, block);
        else if (holds(t, p, b) > 0)
            judge_fail(t->j, JUDGE_WRONG, "no block is freed while it is run",
                       "in %s, %s is not live, or not in d->table, any more",
                       p->name, name_of(b));
    }
    for (uint32_t i = 0; i < v->dyn.chunks; i++)
        for (int k = 0; k < CHUNK_SLOTS; k++) {
            const struct block *b = &v->block[i][k];

            if (b->in_used != 0 && (!b->live || b->pc >= COLD_PC))
                judge_fail(t->j, JUDGE_WRONG, "blocks that nobody is in have "
                           "in_used 0", "in %s, one has %d", p->name,
                           (int)b->in_used);
        }
}

// ---------------------------------------------------------------- the threads

static void
push(struct test *t, struct thread *w, int block, bool plain)
{
    if (w->depth == FRAMES)
        judge_fail(t->j, JUDGE_BROKEN, "room for a frame", "none is left");
    w->frame[w->depth++] = (struct frame){block, plain, false};
}

// The thread goes into a block: called, by qsort, by a signal.
static void
enter(struct test *t, struct thread *w, int op, int block)
{
    tell(t, w, &(struct command){.op = op, .pc = block_pc(block)});
    push(t, w, block, op == DO_CALL);
    hear(t, w, "a block is entered");
}

static void
call(struct test *t, struct thread *w, int block)
{
    enter(t, w, DO_CALL, block);
}

// Onto another stretch of stack; nothing is held by that.
static void
descend(struct test *t, struct thread *w, const struct command *c)
{
    tell(t, w, c);
    push(t, w, NO_BLOCK, true);
    hear(t, w, "a function is called");
}

// Are all frames below this one on the thread's own registers?
static bool
counts(const struct thread *w, int frame)
{
    for (int i = 0; i <= frame; i++)
        if (!w->frame[i].plain)
            return false;
    return true;
}

// Back from the innermost frame.
static void
leave(struct test *t, struct thread *w)
{
    const struct frame *f = &w->frame[w->depth - 1];
    char want[96];
    struct message m;

    snprintf(want, sizeof want, "%s returns from the block that it is in",
             w->of->name);
    do {    // a comparator is called more than once
        tell(t, w, &(struct command){.op = DO_RETURN});
        m = hear(t, w, want);
    } while (m.what == SAY_ASKED);
    if (f->sudden) {
        w->depth--;
        f--;
    }
    if (f->block != NO_BLOCK && counts(w, w->depth - 1))
        w->sum += weight(f->block);
    w->depth--;
    if (w->depth > 0)
        return;
    if (f->block != NO_BLOCK)
        judge_int(t->j, "what the guest program computes", w->sum, m.value);
    w->sum = 0;
}

static void
leave_all(struct test *t, struct thread *w)
{
    while (w->depth > 0)
        leave(t, w);
}

static struct thread *
start_worker(struct test *t, struct thread *by)
{
    struct thread *w;

    if (t->workers == WORKERS)
        judge_fail(t->j, JUDGE_BROKEN, "room for a worker", "none is left");
    if (ORDER(t, by, "a thread is started", .op = DO_START,
              .n = (uint64_t)t->workers) != 0)
        judge_fail(t->j, JUDGE_BROKEN, "a thread", "none");
    w = meet(t, by->of, "a thread is started");
    w->number = t->workers++;
    return w;
}

static void
start_workers(struct test *t, struct thread *by, int n, const int *block,
              int blocks)
{
    for (int i = 0; i < n; i++)
        call(t, start_worker(t, by), block[i % blocks]);
}

// The workers of a process leave their blocks and end.
static void
end_workers(struct test *t, struct thread *by)
{
    for (int i = 0; i < t->threads; i++) {
        struct thread *w = &t->thread[i];

        if (w->of != by->of || w == by || !w->fd)
            continue;
        leave_all(t, w);
        tell(t, w, &(struct command){.op = DO_RETURN});
        ORDER(t, by, "a thread ends", .op = DO_JOIN, .n = (uint64_t)w->number);
        close(w->fd);
        *w = (struct thread){.of = w->of};
    }
}

// ------------------------------------------------------------------- the fork

// This thread forks; its copy in the child, which has passed inuse.c.
static struct thread *
fork_here(struct test *t, struct thread *w)
{
    struct process *p = &t->process[t->processes];
    struct thread *copy = &t->thread[t->threads];
    const char *want = "inuse_after_fork() returns, and the child goes on";
    int64_t inner;

    if (t->processes == PROCESSES || t->threads == THREADS)
        judge_fail(t->j, JUDGE_BROKEN, "room for a child", "none is left");
    *p = (struct process){.name = generations[t->processes < 5 ?
                                              t->processes : 5],
                          .forker = w, .copied = true};
    for (int b = 0; b < BLOCKS; b++)
        p->ghosts[b] = holds(t, w->of, b);
    tell(t, w, &(struct command){.op = DO_FORK});
    *copy = *w;
    copy->of = p;
    copy->fd = receive(t, want);
    inner = hear(t, w, "fork returns in the parent").value;
    t->processes++;
    t->threads++;
    hear(t, copy, want);
    if (judge_isolated() && inner_pid(p->pid) != inner)
        judge_fail(t->j, JUDGE_CHEAT, want, "another process speaks for it");
    for (int b = 0; b < BLOCKS; b++)
        p->ghosts[b] -= holds(t, p, b);
    return copy;
}

// The child's one thread goes back to where it came from; it ends well.
static void
end_child(struct test *t, struct thread *w)
{
    struct process *p = w->of;
    int64_t status;

    leave_all(t, w);
    check(t, p);
    tell(t, w, &(struct command){.op = DO_EXIT});
    status = ORDER(t, p->forker, "the child ends", .op = DO_WAIT);
    judge_int(t->j, "the child's exit status", 0, status);
    close(w->fd);
    *w = (struct thread){.of = p};
}

// All come back in the parent, too, whose counters nobody may have touched.
static void
end_all(struct test *t, struct thread *first)
{
    check(t, first->of);
    end_workers(t, first);
    leave_all(t, first);
    check(t, first->of);
    tell(t, first, &(struct command){.op = DO_EXIT});
    judge_want_exit(t->j, t->cell, 0);
}

// What most tests end with: this thread forks, the child's counters are right,
// and all come home.
static void
fork_and_end(struct test *t, struct thread *forker, struct thread *first)
{
    struct thread *child = fork_here(t, forker);

    check(t, child->of);
    end_child(t, child);
    end_all(t, first);
}

// ---------------------------------------------------------------- the subject

// Start it; its first thread, in no block yet.
static struct thread *
begin(struct test *t, struct judge *j, uint32_t chunks, uint32_t age, int flags)
{
    char *argv[] = {"/built/subject", NULL};
    const char *want = "the subject is ready";
    struct message m;
    struct thread *w;
    int pair[2];

    *t = (struct test){.j = j};
    for (int i = 0; i < ASKS; i++) {    // a shuffle; the handler stays last
        int k = i < HANDLER ? (int)judge_range(j, 0, i) : i;

        t->order[i] = t->order[k];
        t->order[k] = i;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        judge_fail(j, JUDGE_BROKEN, "a socket", "%s", strerror(errno));
    t->cell = judge_start(j, &(struct cell_spec){
        .argv = argv, .fds = &(struct sv_fd){DOOR_FD, pair[1]}, .nfds = 1});
    close(pair[1]);
    t->door = pair[0];
    t->process[t->processes++] = (struct process){.name = generations[0]};
    w = meet(t, &t->process[0], want);
    tell(t, w, &(struct command){.op = DO_SETUP, .chunks = chunks,
                                 .age = age, .flags = flags});
    m = hear(t, w, want);
    t->dyn = (uint64_t)m.value;
    t->mem = m.mem;
    return w;
}

// A line of the report: how many threads are where.
static void
say_workers(struct test *t, int n, int blocks)
{
    judge_input(t->j, "%d threads in %d blocks when the fork is made", n,
                blocks);
}

// The usual start: workers in blocks of their own, the first thread in two.
static struct thread *
usual(struct test *t, struct judge *j, int *n, int *blocks)
{
    struct thread *first = begin(t, j, 0, 0, 0);

    *n = (int)judge_range(j, 4, 9);
    *blocks = (int)judge_range(j, 2, 4);
    say_workers(t, *n, *blocks);
    start_workers(t, first, *n, t->order, *blocks);
    call(t, first, t->order[10]);
    call(t, first, t->order[11]);
    judge_input(j, "the first thread is in two further blocks, one of which "
                "called the other");
    return first;
}

// ------------------------------------------------------------------ the counts

static void
ghosts(struct judge *j)
{
    struct test t;
    int n, blocks;
    struct thread *first = usual(&t, j, &n, &blocks);

    fork_and_end(&t, first, first);
}

// Who forks runs no guest code.
static void
outside(struct judge *j)
{
    struct test t;
    struct thread *first = begin(&t, j, 0, 0, 0);
    int n = (int)judge_range(j, 2, 6);

    say_workers(&t, n, 2);
    start_workers(&t, first, n, t.order, 2);
    fork_and_end(&t, first, first);
}

// Who forks stands in the very block that others stand in.
static void
own_hold(struct judge *j)
{
    struct test t;
    struct thread *first = begin(&t, j, 0, 0, 0);
    int n = (int)judge_range(j, 2, 6);

    judge_input(j, "%d threads and the one that forks in one block", n);
    start_workers(&t, first, n, t.order, 1);
    call(&t, first, t.order[0]);
    fork_and_end(&t, first, first);
}

static void
comparator(struct judge *j)
{
    struct test t;
    int n, blocks;
    struct thread *first = usual(&t, j, &n, &blocks);

    judge_input(j, "the fork is made by a comparator that qsort has called");
    enter(&t, first, DO_SORT, t.order[12]);
    fork_and_end(&t, first, first);
}

// The same two blocks again and again, others in them as well.
static void
nested(struct judge *j)
{
    struct test t;
    struct thread *first = begin(&t, j, 0, 0, 0);
    int deep = (int)judge_range(j, 5, 9), n = (int)judge_range(j, 2, 5);

    judge_input(j, "%d calls of two blocks, nested; %d threads in these two",
                deep, n);
    start_workers(&t, first, n, t.order, 2);
    call(&t, first, t.order[2]);
    for (int i = 0; i < deep; i++)
        enter(&t, first, judge_range(j, 0, 1) ? DO_CALL : DO_SORT,
              t.order[judge_range(j, 0, 1)]);
    fork_and_end(&t, first, first);
}

// Far up the stack.
static void
deep(struct judge *j)
{
    struct test t;
    int n, blocks, levels = (int)judge_range(j, 12, 20);
    struct thread *first = usual(&t, j, &n, &blocks);

    judge_input(j, "%d nested calls, 16 KB of stack in each", levels);
    for (int i = 0; i < levels; i++) {
        descend(&t, first, &(struct command){.op = DO_PAD});
        call(&t, first, t.order[10 + i % 4]);
    }
    fork_and_end(&t, first, first);
}

static void
in_signal(struct judge *j)
{
    struct test t;
    int n, blocks;
    struct thread *first = usual(&t, j, &n, &blocks);

    judge_input(j, "the fork is made by a signal handler");
    enter(&t, first, DO_RAISE, HANDLER);
    if (judge_range(j, 0, 1))
        call(&t, first, t.order[10]);
    fork_and_end(&t, first, first);
}

// The signal comes in the middle of a block's own code.
static void
async_signal(struct judge *j)
{
    struct test t;
    int n, blocks;
    struct thread *first = usual(&t, j, &n, &blocks), *w, *child;
    uint64_t arrived = 0;

    judge_input(j, "a signal interrupts a block; its handler forks");
    w = start_worker(&t, first);
    tell(&t, w, &(struct command){.op = DO_CALL, .pc = block_pc(SPIN)});
    push(&t, w, SPIN, true);
    while (!arrived) {    // it is on its way: nothing can stop it
        read_memory(&t, w->of, t.mem + 8 * WORD_ARRIVED, &arrived, 8);
        poll(NULL, 0, 1);
    }
    ORDER(&t, first, "a signal is sent", .op = DO_SIGNAL,
          .n = (uint64_t)w->number);
    push(&t, w, HANDLER, false);
    w->frame[w->depth - 1].sudden = true;
    hear(&t, w, "the handler is called");
    child = fork_here(&t, w);
    check(&t, child->of);
    ORDER(&t, child, "a word is stored", .op = DO_STORE, .pc = WORD_GO, .n = 1);
    end_child(&t, child);
    ORDER(&t, w, "a word is stored", .op = DO_STORE, .pc = WORD_GO, .n = 1);
    end_all(&t, first);
}

// A fork on a stack which is not the thread's own: nothing is known there, so
// ghosts may stay.  Before that a usual one, where they may not.
static void
on_other_stack(struct test *t, struct thread *w, const struct command *there,
               int then)
{
    struct thread *child;

    call(t, w, t->order[10]);
    call(t, w, t->order[10]);
    call(t, w, t->order[0]);
    child = fork_here(t, w);
    check(t, child->of);
    end_child(t, child);
    if (there->op == DO_ALTSTACK)
        order(t, w, there, "a stack for signals");
    else
        descend(t, w, there);
    enter(t, w, then, then == DO_RAISE ? HANDLER : t->order[11]);
    child = fork_here(t, w);
    memcpy(child->of->spare, child->of->ghosts, sizeof child->of->spare);
    check(t, child->of);
    end_child(t, child);
    leave_all(t, w);
}

static void
altstack(struct judge *j)
{
    struct test t;
    struct thread *first = begin(&t, j, 0, 0, SA_ONSTACK);

    judge_input(j, "the second fork is made by a handler that has a stack of "
                "its own");
    start_workers(&t, first, 3, t.order, 3);
    on_other_stack(&t, first, &(struct command){.op = DO_ALTSTACK}, DO_RAISE);
    end_all(&t, first);
}

static void
coroutine(struct judge *j)
{
    struct test t;
    struct thread *first = begin(&t, j, 0, 0, 0), *w;

    judge_input(j, "the second fork is made by a coroutine, on a stack below "
                "the thread's own");
    start_workers(&t, first, 3, t.order, 3);
    on_other_stack(&t, first, &(struct command){.op = DO_COROUTINE}, DO_CALL);
    judge_input(j, "the same by a further thread, on a stack above its own");
    w = start_worker(&t, first);
    on_other_stack(&t, w, &(struct command){.op = DO_COROUTINE, .n = 1},
                   DO_CALL);
    end_all(&t, first);
}

// Not the first thread forks but another one.
static void
worker(struct judge *j)
{
    struct test t;
    int n, blocks, deep = (int)judge_range(j, 1, 4);
    struct thread *first = usual(&t, j, &n, &blocks), *w;

    judge_input(j, "a further thread forks, %d blocks deep", deep);
    w = start_worker(&t, first);
    for (int i = 0; i < deep; i++)
        call(&t, w, t.order[9 + i]);
    fork_and_end(&t, w, first);
}

// ------------------------------------------------------------------- the purge

// No block of these may be there any more.
static void
must_be_gone(struct test *t, const struct process *p, const int *block, int n)
{
    const struct view *v = look(t, p);

    for (int i = 0; i < n; i++)
        judge_true(t->j, !find_block(v, block_pc(block[i]), NULL),
                   "a purge in the child frees what no thread of it is in",
                   "block %d is kept", block[i]);
}

static void
press(struct test *t, struct thread *w)
{
    ORDER(t, w, "the child runs a great deal of code", .op = DO_PRESSURE,
          .n = 3 * COLDS);
}

static void
purge(struct judge *j)
{
    struct test t;
    struct thread *first = begin(&t, j, 2, 0, 0), *child;
    int n = (int)judge_range(j, 4, 9), deep = (int)judge_range(j, 2, 6);

    say_workers(&t, n, 4);
    judge_input(j, "the one that forks is in %d; the child fills the cache",
                deep);
    start_workers(&t, first, n, t.order, 4);
    for (int i = 0; i < deep; i++)
        enter(&t, first, i && judge_range(j, 0, 1) ? DO_SORT : DO_CALL,
              t.order[10 + i]);
    child = fork_here(&t, first);
    press(&t, child);
    must_be_gone(&t, child->of, t.order, 4);
    check(&t, child->of);
    end_child(&t, child);
    end_all(&t, first);
}

static void
purge_alone(struct judge *j)
{
    struct test t;
    struct thread *first = begin(&t, j, 2, 0, 0), *child;
    int deep = (int)judge_range(j, 2, 6);

    judge_input(j, "no other thread at all; %d blocks deep; the child fills "
                "the cache, then goes back", deep);
    for (int i = 0; i < deep; i++)
        call(&t, first, t.order[i]);
    child = fork_here(&t, first);
    press(&t, child);
    check(&t, child->of);
    end_child(&t, child);
    end_all(&t, first);
}

// A cache of several chunks: run every block once, and purge none.
static struct thread *
many_chunks(struct test *t, struct judge *j)
{
    struct thread *first = begin(t, j, 0, NEVER, 0);

    for (int i = 0; i < HANDLER; i++) {
        call(t, first, t->order[i]);
        leave(t, first);
    }
    return first;
}

static void
chunks(struct judge *j)
{
    struct test t;
    struct thread *first = many_chunks(&t, j);
    // Slots, the same in each chunk: what is held in the first chunk, and in
    // the third, is not held in the others.
    int s = (int)judge_range(j, 0, 6), u = (s + (int)judge_range(j, 1, 6)) % 7;
    int ghosts[] = {s + CHUNK_SLOTS, s + 2 * CHUNK_SLOTS, u, u + CHUNK_SLOTS,
                    CHUNK_SLOTS - 1, 2 * CHUNK_SLOTS - 1};

    judge_input(j, "6 threads in blocks of several chunks");
    for (int i = 0; i < 6; i++)
        call(&t, start_worker(&t, first), t.order[ghosts[i]]);
    call(&t, first, t.order[s]);
    call(&t, first, t.order[u + 2 * CHUNK_SLOTS]);
    fork_and_end(&t, first, first);
}

// ----------------------------------------------------- generations and threads

static void
families(struct judge *j)
{
    struct test t;
    struct thread *line[PROCESSES];
    int last = (int)judge_range(j, 3, 4);

    line[0] = begin(&t, j, 2, 0, 0);
    judge_input(j, "%d generations, each with threads of its own", last);
    for (int g = 0; g < last; g++) {
        int n = (int)judge_range(j, 2, 4);

        start_workers(&t, line[g], n, t.order, 1 + g);
        call(&t, line[g], t.order[20 + g]);
        line[g + 1] = fork_here(&t, line[g]);
        check(&t, line[g + 1]->of);
    }
    press(&t, line[last]);
    must_be_gone(&t, line[last]->of, t.order, last);
    for (int g = last; g > 0; g--) {
        end_workers(&t, line[g]);
        end_child(&t, line[g]);
    }
    end_all(&t, line[0]);
}

static void
come_and_go(struct judge *j)
{
    struct test t;
    struct thread *first = begin(&t, j, 2, 0, 0), *child;

    judge_input(j, "the child has threads, in the blocks of the dead ones");
    call(&t, first, t.order[10]);
    for (int round = 0; round < 3; round++) {
        int n = (int)judge_range(j, 2, 5), blocks = 1 + round;

        start_workers(&t, first, n, t.order, blocks);
        child = fork_here(&t, first);
        check(&t, child->of);
        start_workers(&t, child, (int)judge_range(j, 2, 5), t.order, blocks);
        check(&t, child->of);
        end_workers(&t, child);
        check(&t, child->of);
        press(&t, child);
        must_be_gone(&t, child->of, t.order, blocks);
        end_child(&t, child);
        end_workers(&t, first);
        check(&t, first->of);
    }
    end_all(&t, first);
}

// Not the child's first thread forks, but one that it has started.
static void
thread_of_child(struct judge *j)
{
    struct test t;
    int n, blocks;
    struct thread *first = usual(&t, j, &n, &blocks), *child, *w, *grandchild;

    judge_input(j, "a thread of the child forks");
    child = fork_here(&t, first);
    check(&t, child->of);
    w = start_worker(&t, child);
    call(&t, w, t.order[12]);
    call(&t, w, t.order[0]);
    grandchild = fork_here(&t, w);
    check(&t, grandchild->of);
    end_child(&t, grandchild);
    end_workers(&t, child);
    end_child(&t, child);
    end_all(&t, first);
}

// ------------------------------------------------------------------------ care

// Words that only look like places in blocks lie on the stack.
static void
stale(struct judge *j)
{
    struct test t;
    struct command c = {.op = DO_STALE};
    struct thread *first = begin(&t, j, 0, 0, 0), *child;
    const struct view *v;
    int n = (int)judge_range(j, 2, 4), block[] = {t.order[0], t.order[2]};

    judge_input(j, "%d threads in two blocks; the stack has words that look "
                "like places in one of them, and in one where nobody is; the "
                "other one the thread that forks was in, far down the stack, "
                "and has left", n);
    start_workers(&t, first, n, t.order, 2);
    // Its return address stays, far below any frame that there is at the fork.
    for (int i = 0; i < 4; i++)
        descend(&t, first, &(struct command){.op = DO_PAD});
    call(&t, first, t.order[1]);
    leave_all(&t, first);
    call(&t, first, block[1]);
    leave(&t, first);
    call(&t, first, t.order[3]);
    v = look(&t, first->of);
    for (int i = 0; i < STALE_WORDS; i++) {
        const struct block *b = find_block(v, block_pc(block[i % 2]), NULL);

        c.words[i] = (uintptr_t)b->code +
                     (uint64_t)judge_range(j, 8, b->size - 1);
    }
    descend(&t, first, &c);
    child = fork_here(&t, first);
    child->of->spare[block[0]] = child->of->ghosts[block[0]];
    check(&t, child->of);
    end_child(&t, child);
    end_all(&t, first);
}

// Does only this process have this page?  Then it was copied.
static bool
is_copied(struct test *t, const struct process *p, const void *address)
{
    char path[64];
    uint64_t entry = 0;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/pagemap", (int)p->pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || pread(fd, &entry, 8, (off_t)((uintptr_t)address / 4096 * 8))
        != 8 || !(entry >> 63))
        judge_skip(t->j, "this kernel does not say which pages are shared (%s)",
                   path);
    close(fd);
    return entry >> 56 & 1;
}

// A chunk where all is right: its page is the parent's still.
static void
untouched(struct judge *j)
{
    struct test t;
    struct thread *first = many_chunks(&t, j), *child;
    uint32_t where, chunk = 0;
    const struct view *v = look(&t, first->of);
    int mine = t.order[judge_range(j, 0, 37)], ghosts = 0;

    judge_input(j, "the one that forks is in a chunk where no other thread "
                "is: nothing is to be put right there");
    call(&t, first, mine);
    find_block(v, block_pc(mine), &where);
    for (int i = 0; i < HANDLER && ghosts < 4; i++) {
        v = look(&t, first->of);
        find_block(v, block_pc(t.order[i]), &chunk);
        if (chunk == where)
            continue;
        call(&t, start_worker(&t, first), t.order[i]);
        ghosts++;
    }
    child = fork_here(&t, first);
    judge_true(j, !is_copied(&t, child->of,
                             look(&t, child->of)->dyn.chunk[where].block),
               "a chunk whose counters are right is not written to",
               "its page was copied for the child");
    check(&t, child->of);
    end_child(&t, child);
    end_all(&t, first);
}

// Nothing but in_used is changed.
static void
only_counters(struct judge *j)
{
    struct test t;
    int n, blocks;
    struct thread *first = usual(&t, j, &n, &blocks), *child;
    const struct view *was, *is;

    child = fork_here(&t, first);
    was = look(&t, first->of);
    is = look(&t, child->of);
    judge_int(j, "the number of chunks in the child", was->dyn.chunks,
              is->dyn.chunks);
    judge_true(j, was->dyn.tick == is->dyn.tick &&
               memcmp(&was->dyn.stats, &is->dyn.stats,
                      sizeof was->dyn.stats) == 0 &&
               was->dyn.limits.purge_age == is->dyn.limits.purge_age &&
               memcmp(was->table, is->table, sizeof was->table) == 0,
               "nothing but counters is changed in the child",
               "the struct dyn or its table is");
    for (uint32_t i = 0; i < was->dyn.chunks; i++)
        for (int k = 0; k < CHUNK_SLOTS; k++) {
            const struct block *a = &was->block[i][k], *b = &is->block[i][k];

            judge_true(j, a->code == b->code && a->size == b->size &&
                       a->tick == b->tick && a->pc == b->pc &&
                       a->insns == b->insns && a->live == b->live,
                       "nothing but counters is changed in the child",
                       "another field of a block is");
        }
    check(&t, child->of);
    end_child(&t, child);
    end_all(&t, first);
}

int
main(int argc, char **argv)
{
    static const struct judge_test tests[] = {
        {"box64-default", box64_default},
        {"box64-child", box64_child},
        {"box64-nested", box64_nested},
        {"box64-kept", box64_kept},
        {"ghosts", ghosts},
        {"outside", outside},
        {"own-hold", own_hold},
        {"comparator", comparator},
        {"nested", nested},
        {"worker", worker},
        {"signal", in_signal},
        {"async-signal", async_signal},
        {"altstack", altstack},
        {"purge", purge},
        {"purge-alone", purge_alone},
        {"chunks", chunks},
        {"generations", families},
        {"come-and-go", come_and_go},
        {"stale", stale},
        {"untouched", untouched},
        {"deep", deep},
        {"coroutine", coroutine},
        {"thread-of-child", thread_of_child},
        {"only-counters", only_counters},
    };

    JUDGE_MAIN(argc, argv, tests);
}
