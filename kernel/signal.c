// SPDX-License-Identifier: MIT
// signal.c -- signals, with Linux's frame on the user's stack, so that libc's
// handlers and its restorer work.  Delivered by trap.c on the way out.
#include "fork.h"
#include "preempt.h"
#include "signal.h"
#include "x86.h"

#define BIT(sig) (1UL << ((sig) - 1))
#define CANNOT_BLOCK (BIT(SIGKILL) | BIT(SIGSTOP))
#define STOPPERS (BIT(SIGSTOP) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU))
#define IGNORED (BIT(SIGCHLD) | BIT(SIGCONT) | BIT(SIGURG) | BIT(SIGWINCH))
#define RED_ZONE 128

struct sigframe {
    uint64_t restorer;          // the handler's return address
    struct ucontext uc;
    struct siginfo info;
};

static struct sigaction *
action(struct proc *p, int sig)
{
    return &p->actions[sig - 1];
}

// Would p not even notice it?
static bool
ignores(struct proc *p, int sig)
{
    uint64_t handler = action(p, sig)->handler;
    if (p == init_proc)
        return handler == SIG_DFL || handler == SIG_IGN;
    return handler == SIG_IGN || (handler == SIG_DFL && (BIT(sig) & IGNORED));
}

bool
signal_pending(const struct proc *p)
{
    return (p->pending & ~p->blocked) != 0;
}

void
signal_send(struct proc *p, int sig)
{
    if (p->state == ZOMBIE || p->state == DEAD || p->state == UNUSED)
        return;
    if (sig == SIGCONT || sig == SIGKILL) {
        p->pending &= ~STOPPERS;
        if (p->state == STOPPED)
            wake_for_signal(p);
    }
    if (BIT(sig) & STOPPERS)
        p->pending &= ~BIT(SIGCONT);
    if (ignores(p, sig) && !(p->blocked & BIT(sig)))
        return;
    p->pending |= BIT(sig);
    if (p->state != STOPPED && signal_pending(p))
        wake_for_signal(p);
}

int
signal_group(int pgid, int sig)
{
    int n = 0;
    for (struct proc *p = procs; p < procs + NPROC; p++) {
        if (p->state == UNUSED || p->state == EMBRYO || p->state == DEAD
            || p->pgid != pgid)
            continue;
        n++;
        if (sig != 0)
            signal_send(p, sig);
    }
    return n;
}

void
signal_force(int sig)
{
    struct sigaction *a = action(current, sig);
    if ((current->blocked & BIT(sig)) || a->handler == SIG_IGN) {
        a->handler = SIG_DFL;
        current->blocked &= ~BIT(sig);
    }
    if (current == init_proc && a->handler == SIG_DFL) {
        klog("init is killed by its own signal %d", sig);
        do_exit(sig);
    }
    current->pending |= BIT(sig);
}

void
signal_exec(struct proc *p)
{
    for (int i = 0; i < NSIG; i++) {
        bool ignored = p->actions[i].handler == SIG_IGN;
        p->actions[i] = (struct sigaction){ .handler = ignored ? SIG_IGN
                                                               : SIG_DFL };
    }
}

// ---- delivery -------------------------------------------------------------

static void
save_context(const struct trapframe *tf, struct sigcontext *c)
{
    c->r8 = tf->r8, c->r9 = tf->r9, c->r10 = tf->r10, c->r11 = tf->r11;
    c->r12 = tf->r12, c->r13 = tf->r13, c->r14 = tf->r14, c->r15 = tf->r15;
    c->rdi = tf->rdi, c->rsi = tf->rsi, c->rbp = tf->rbp, c->rbx = tf->rbx;
    c->rdx = tf->rdx, c->rax = tf->rax, c->rcx = tf->rcx, c->rsp = tf->rsp;
    c->rip = tf->rip, c->eflags = tf->rflags;
    c->cs = SEL_UCODE, c->ss = SEL_UDATA;
    c->err = tf->error, c->trapno = tf->vector;
}

static void
load_context(struct trapframe *tf, const struct sigcontext *c)
{
    tf->r8 = c->r8, tf->r9 = c->r9, tf->r10 = c->r10, tf->r11 = c->r11;
    tf->r12 = c->r12, tf->r13 = c->r13, tf->r14 = c->r14, tf->r15 = c->r15;
    tf->rdi = c->rdi, tf->rsi = c->rsi, tf->rbp = c->rbp, tf->rbx = c->rbx;
    tf->rdx = c->rdx, tf->rax = c->rax, tf->rcx = c->rcx, tf->rsp = c->rsp;
    tf->rip = c->rip;
    tf->rflags = (c->eflags & FL_USER) | FL_IF | 2;
}

// Make the user's stack look as if the program had called the handler.
// 0, or -EFAULT if there is no stack to do it on.
static int
push_frame(struct trapframe *tf, int sig, const struct sigaction *a)
{
    struct sigframe f = { .restorer = a->restorer };
    uint64_t fpu = ROUND_DOWN(tf->rsp - RED_ZONE - sizeof(current->fpu), 64);
    uint64_t at = ROUND_DOWN(fpu - sizeof(f), 16) - 8;
    if (!(a->flags & SA_RESTORER) || tf->rsp >= USER_TOP || fpu >= USER_TOP
        || at >= USER_TOP)
        return -EFAULT;
    save_context(tf, &f.uc.mc);
    f.uc.mc.fpstate = fpu;
    f.uc.sigmask = current->restore_blocked ? current->saved_blocked
                                            : current->blocked;
    f.info.signo = sig;
    __asm__ volatile("fxsave64 %0" : "=m"(current->fpu));
    if (copy_out(fpu, current->fpu, sizeof(current->fpu)) < 0
        || copy_out(at, &f, sizeof(f)) < 0)
        return -EFAULT;
    current->restore_blocked = false;
    tf->rsp = at;
    tf->rip = a->handler;
    tf->rflags &= ~(FL_DF | FL_TF | FL_RF);
    tf->rdi = (uint64_t)sig;
    tf->rsi = at + offsetof(struct sigframe, info);
    tf->rdx = at + offsetof(struct sigframe, uc);
    tf->rax = 0;
    return 0;
}

static void
run_handler(struct trapframe *tf, int sig)
{
    struct sigaction *a = action(current, sig);
    if (a->handler >= USER_TOP || push_frame(tf, sig, a) < 0)
        do_exit(SIGSEGV);
    if (!(a->flags & SA_NODEFER))
        current->blocked |= BIT(sig);
    current->blocked |= a->mask & ~CANNOT_BLOCK;
    if (a->flags & SA_RESETHAND)
        a->handler = SIG_DFL;
}

static void
stop(void)
{
    current->state = STOPPED;
    schedule();
}

// Let a system call that a signal ended start again, or say so.
static void
restart(struct trapframe *tf, bool again)
{
    if (tf->vector != VEC_SYSCALL || (int64_t)tf->rax != -ERESTART)
        return;
    if (again) {
        tf->rax = tf->error;
        tf->rip -= 2;       // both `syscall` and `int $0x80` are two bytes
    } else {
        tf->rax = (uint64_t)-EINTR;
    }
}

void
signal_deliver(struct trapframe *tf)
{
    while (signal_pending(current)) {
        int sig = 1 + __builtin_ctzl(current->pending & ~current->blocked);
        struct sigaction *a = action(current, sig);
        current->pending &= ~BIT(sig);
        if (ignores(current, sig))
            continue;
        if (a->handler != SIG_DFL) {
            restart(tf, a->flags & SA_RESTART);
            run_handler(tf, sig);
            return;
        }
        if (BIT(sig) & STOPPERS)
            stop();
        else
            do_exit(sig);
    }
    restart(tf, true);
    if (current->restore_blocked) {
        current->blocked = current->saved_blocked;
        current->restore_blocked = false;
    }
}

// ---- system calls ---------------------------------------------------------

int64_t
sys_rt_sigreturn(struct trapframe *tf)
{
    struct sigframe f;
    uint8_t fpu[sizeof(current->fpu)] __attribute__((aligned(16)));
    bool bad = copy_in(&f, tf->rsp - 8, sizeof(f)) < 0
               || f.uc.mc.rip >= USER_TOP;
    if (!bad && f.uc.mc.fpstate != 0)
        bad = copy_in(fpu, f.uc.mc.fpstate, sizeof(fpu)) < 0;
    if (bad)
        do_exit(SIGSEGV);
    if (f.uc.mc.fpstate != 0) {
        // FXRSTOR of a reserved bit of MXCSR would be the kernel's fault.
        uint32_t mxcsr;
        memcpy(&mxcsr, fpu + 24, sizeof(mxcsr));
        mxcsr &= 0xffbf;
        memcpy(fpu + 24, &mxcsr, sizeof(mxcsr));
        memcpy(current->fpu, fpu, sizeof(fpu));
        __asm__ volatile("fxrstor64 %0" : : "m"(current->fpu));
    }
    load_context(tf, &f.uc.mc);
    current->blocked = f.uc.sigmask & ~CANNOT_BLOCK;
    tf->vector = 0;         // no system call any more: nothing to restart
    return (int64_t)tf->rax;
}

int64_t
sys_kill(int64_t pid, int64_t sig)
{
    if (sig < 0 || sig > NSIG)
        return -EINVAL;
    if (pid == 0 || pid < -1)
        return signal_group(pid == 0 ? current->pgid : (int)-pid, (int)sig) > 0
               ? 0 : -ESRCH;
    if (pid > 0) {
        struct proc *p = proc_find((int)pid);
        if (p == NULL)
            return -ESRCH;
        if (sig != 0)
            signal_send(p, (int)sig);
        return 0;
    }
    int n = 0;
    for (struct proc *p = procs; p < procs + NPROC; p++) {
        if (p->state <= EMBRYO || p->state == DEAD || p == current
            || p == init_proc)
            continue;
        n++;
        if (sig != 0)
            signal_send(p, (int)sig);
    }
    return n > 0 ? 0 : -ESRCH;
}

int64_t
sys_tgkill(int64_t tgid, int64_t tid, int64_t sig)
{
    if (tgid <= 0 || tid <= 0)
        return -EINVAL;
    return tgid == tid ? sys_kill(tid, sig) : -ESRCH;
}

int64_t
sys_rt_sigaction(int64_t sig, uint64_t act, uint64_t old, size_t size)
{
    struct sigaction a, was;
    if (size != 8)
        return -EINVAL;
    if (act != 0 && copy_in(&a, act, sizeof(a)) < 0)
        return -EFAULT;
    if (sig < 1 || sig > NSIG || (act != 0 && (BIT(sig) & CANNOT_BLOCK)))
        return -EINVAL;
    was = *action(current, (int)sig);
    if (act != 0) {
        a.mask &= ~CANNOT_BLOCK;
        *action(current, (int)sig) = a;
        if (ignores(current, (int)sig))
            current->pending &= ~BIT(sig);
    }
    if (old != 0 && copy_out(old, &was, sizeof(was)) < 0)
        return -EFAULT;
    return 0;
}

int64_t
sys_rt_sigprocmask(int64_t how, uint64_t set, uint64_t old, size_t size)
{
    uint64_t mask, was = current->blocked;
    if (size != 8)
        return -EINVAL;
    if (set != 0) {
        if (copy_in(&mask, set, sizeof(mask)) < 0)
            return -EFAULT;
        if (how == SIG_BLOCK)
            mask |= was;
        else if (how == SIG_UNBLOCK)
            mask = was & ~mask;
        else if (how != SIG_SETMASK)
            return -EINVAL;
        current->blocked = mask & ~CANNOT_BLOCK;
    }
    if (old != 0 && copy_out(old, &was, sizeof(was)) < 0)
        return -EFAULT;
    return 0;
}

int64_t
sys_rt_sigpending(uint64_t set, size_t size)
{
    uint64_t pending = current->pending & current->blocked;
    if (size > 8)
        return -EINVAL;
    return copy_out(set, &pending, size);
}

int64_t
sys_pause(void)
{
    while (sleep_on(&current->pending) == 0)
        ;
    return -EINTR;          // SA_RESTART or not
}

int64_t
sys_rt_sigsuspend(uint64_t set, size_t size)
{
    uint64_t mask;
    if (size != 8)
        return -EINVAL;
    if (copy_in(&mask, set, sizeof(mask)) < 0)
        return -EFAULT;
    current->saved_blocked = current->blocked;
    current->restore_blocked = true;
    current->blocked = mask & ~CANNOT_BLOCK;
    return sys_pause();
}
