// SPDX-License-Identifier: MIT
// subject.c -- guest threads that stand where the judge puts them: your
// inuse.c is linked with this and with the small dynarec.  It knows nothing of
// what is being tested; the judge reads its memory from outside.
// Book: chapter 6.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "dyn.h"
#include "talk.h"

// A thread that the judge commands.
struct talk {
    int fd;
    pthread_t id;
};

static struct dyn *d;
static struct guest guest;
static struct insn code[END_PC];
static uint64_t mem[MEM_WORDS];
static struct talk workers[WORKERS];

static void converse(struct talk *t, struct cpu *cpu);

// ------------------------------------------------------------------- channels

static void
say(struct talk *t, int what, int64_t value)
{
    struct message m = {what, value, (uintptr_t)mem};

    while (send(t->fd, &m, sizeof m, MSG_NOSIGNAL) < 0)
        if (errno != EINTR)
            _exit(110);
}

static void
hear(struct talk *t, struct command *c)
{
    ssize_t n;

    do
        n = recv(t->fd, c, sizeof *c, 0);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof *c)
        _exit(0);    // the judge has heard enough
}

// A channel of this thread's own; the judge gets the other end, on which the
// kernel says who speaks.
static void
open_channel(struct talk *t)
{
    int pair[2], on = 1;
    char byte = 0;
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    struct iovec io = {&byte, 1};
    struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1,
                       .msg_control = control.room,
                       .msg_controllen = sizeof control.room};
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);

    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0 ||
        setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
        _exit(111);
    h->cmsg_level = SOL_SOCKET;
    h->cmsg_type = SCM_RIGHTS;
    h->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(h), &pair[1], sizeof(int));
    while (sendmsg(DOOR_FD, &m, MSG_NOSIGNAL) < 0)
        if (errno != EINTR)
            _exit(112);
    close(pair[1]);
    t->fd = pair[0];
}

// -------------------------------------------------------------------- obeying

// The thread's state before a call lives in the call's own frame.
static int64_t
call(struct talk *t, struct cpu *cpu, uint32_t pc)
{
    struct cpu own;

    if (cpu) {
        cpu->call(cpu, pc);
        return (int64_t)cpu->r[1];
    }
    dyn_thread_start(d, &own);
    own.user = t;
    own.call(&own, pc);
    dyn_thread_end(&own);
    return (int64_t)own.r[1];
}

static struct {
    struct cpu *cpu;
    uint32_t pc;
} sorting;

static int
by_guest(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    sorting.cpu->call(sorting.cpu, sorting.pc);
    return (*x > *y) - (*x < *y);
}

static void
sort(struct cpu *cpu, uint32_t pc)
{
    uint64_t list[4] = {3, 1, 2, 0}, r1 = cpu->r[1];
    struct cpu *outer_cpu = sorting.cpu;
    uint32_t outer_pc = sorting.pc;

    sorting.cpu = cpu;
    sorting.pc = pc;
    qsort(list, 4, sizeof *list, by_guest);
    sorting.cpu = outer_cpu;
    sorting.pc = outer_pc;
    cpu->r[1] = r1;
}

static void
use_altstack(void)
{
    static _Alignas(64) char alternative[256 * 1024];
    stack_t stack = {.ss_sp = alternative, .ss_size = sizeof alternative};

    sigaltstack(&stack, NULL);
}

static struct {
    struct talk *t;
    struct cpu *cpu;
    ucontext_t here, there;
} routine;

static void
run_routine(void)
{
    converse(routine.t, routine.cpu);
}

// Below the first thread's stack there is room that mmap() leaves alone.
static char *
stack_above(size_t size)
{
    char *want = (char *)((uintptr_t)environ / 4096 * 4096) - (32 << 20);
    char *got = mmap(want, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (got != want)
        _exit(115);
    return got;
}

static void
coroutine(struct talk *t, struct cpu *cpu, bool above)
{
    static _Alignas(64) char below[256 * 1024];
    char *stack = above ? stack_above(sizeof below) : below;

    routine.t = t;
    routine.cpu = cpu;
    getcontext(&routine.there);
    routine.there.uc_stack.ss_sp = stack;
    routine.there.uc_stack.ss_size = sizeof below;
    routine.there.uc_link = &routine.here;
    makecontext(&routine.there, run_routine, 0);
    swapcontext(&routine.here, &routine.there);
}

static void
pad(struct talk *t, struct cpu *cpu)
{
    char room[PAD_BYTES];

    memset(room, 0, sizeof room);
    __asm__ volatile("" : : "r"(room) : "memory");
    converse(t, cpu);
    __asm__ volatile("" : : "r"(room) : "memory");
}

static void
stale(struct talk *t, struct cpu *cpu, const struct command *c)
{
    uint64_t words[STALE_WORDS];

    memcpy(words, c->words, sizeof words);
    __asm__ volatile("" : : "r"(words) : "memory");
    converse(t, cpu);
    __asm__ volatile("" : : "r"(words) : "memory");
}

static void *
work(void *arg)
{
    struct talk *t = arg;

    open_channel(t);
    converse(t, NULL);
    return NULL;
}

static void
pressure(struct cpu *cpu, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        cpu->call(cpu, (uint32_t)(COLD_PC + COLD_INSNS * (i % COLDS)));
}

static void
setup(const struct command *c)
{
    struct dyn_limits limits = {.chunks = c->chunks, .purge_age = c->age};

    d = dyn_new(&guest, limits);
    if (!d)
        _exit(113);
    dyn_signal(d, SIGUSR1, block_pc(HANDLER), c->flags);
}

// The child's channel is made before it: a child that dies at once is missed.
static pid_t
fork_with_channel(struct talk *t)
{
    struct talk next;
    pid_t pid;

    open_channel(&next);
    pid = fork();
    if (pid == 0) {
        // The parent's channels are the parent's.
        if (next.fd > DOOR_FD + 1)
            close_range(DOOR_FD + 1, (unsigned)next.fd - 1, 0);
        close_range((unsigned)next.fd + 1, ~0U, 0);
        t->fd = next.fd;
    } else {
        close(next.fd);
    }
    return pid;
}

// What the answer's value is.
static int64_t
obey(struct talk *t, struct cpu *cpu, const struct command *c)
{
    static pid_t last;
    int status = 0;

    switch (c->op) {
    case DO_SETUP:
        setup(c);
        return (int64_t)(uintptr_t)d;
    case DO_CALL:
        return call(t, cpu, c->pc);
    case DO_SORT:
        sort(cpu, c->pc);
        return 0;
    case DO_RAISE:
        return raise(SIGUSR1);
    case DO_SIGNAL:
        return pthread_kill(workers[c->n].id, SIGUSR1);
    case DO_ALTSTACK:
        use_altstack();
        return 0;
    case DO_COROUTINE:
        coroutine(t, cpu, c->n);
        return 0;
    case DO_PAD:
        pad(t, cpu);
        return 0;
    case DO_STALE:
        stale(t, cpu, c);
        return 0;
    case DO_WAIT:
        while (waitpid(last, &status, 0) < 0 && errno == EINTR)
            ;
        return status;
    case DO_START:
        return pthread_create(&workers[c->n].id, NULL, work, &workers[c->n]);
    case DO_JOIN:
        return pthread_join(workers[c->n].id, NULL);
    case DO_PRESSURE:
        pressure(cpu, c->n);
        return 0;
    case DO_STORE:
        __atomic_store_n(&mem[c->pc], c->n, __ATOMIC_SEQ_CST);
        return 0;
    case DO_FORK:
        last = fork_with_channel(t);
        return last;
    }
    _exit(114);
}

// Do what the judge says until it says return.
static void
converse(struct talk *t, struct cpu *cpu)
{
    struct command c;
    int64_t value;

    say(t, SAY_ASKED, 0);
    for (;;) {
        hear(t, &c);
        if (c.op == DO_RETURN)
            return;
        if (c.op == DO_EXIT)
            _exit(0);
        value = obey(t, cpu, &c);
        say(t, c.op == DO_FORK && value == 0 ? SAY_ASKED : SAY_DONE, value);
    }
}

static void
native_ask(struct cpu *cpu)
{
    converse(cpu->user, cpu);
}

// The dynarec holds back all signals while it forks, and one that cannot wait
// kills without a word.  Registered first, so this runs before inuse.c.
static void
let_crashes_speak(void)
{
    sigset_t crashes;

    sigemptyset(&crashes);
    sigaddset(&crashes, SIGSEGV);
    sigaddset(&crashes, SIGBUS);
    sigaddset(&crashes, SIGFPE);
    sigaddset(&crashes, SIGILL);
    pthread_sigmask(SIG_UNBLOCK, &crashes, NULL);
}

static void
write_program(void)
{
    static const struct insn spin[SPIN_INSNS] = {
        {OP_MOVI, 0, 0, 1}, {OP_ST, 0, 2, WORD_ARRIVED},
        {OP_WAIT, 0, 2, WORD_GO}, {OP_ADDI, 1, 0, 1000 + 37 * SPIN},
        {.op = OP_RET}};
    static const struct insn cold[COLD_INSNS] = {
        {OP_ADDI, 5, 0, 3}, {OP_XOR, 5, 6, 0}, {.op = OP_RET}};

    for (int b = 0; b < ASKS; b++) {
        struct insn *at = &code[block_pc(b)];

        at[0] = (struct insn){.op = OP_NATIVE, .imm = 0};
        at[1] = (struct insn){OP_ADDI, 1, 0, weight(b)};
        at[2] = (struct insn){.op = OP_RET};
    }
    memcpy(&code[SPIN_PC], spin, sizeof spin);
    for (int i = 0; i < COLDS; i++)
        memcpy(&code[COLD_PC + COLD_INSNS * i], cold, sizeof cold);
}

int
main(void)
{
    static native_fn *const natives[] = {native_ask};
    static struct talk first;

    write_program();
    guest = (struct guest){.code = code, .ncode = END_PC, .mem = mem,
                           .mask = MEM_WORDS - 1, .native = natives,
                           .nnative = 1};
    pthread_atfork(NULL, NULL, let_crashes_speak);
    open_channel(&first);
    converse(&first, NULL);
    return 0;
}
