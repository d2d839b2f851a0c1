// SPDX-License-Identifier: MIT
// fork.c -- duplicate a process: address space, saved registers, descriptors;
// its exit, and its parent's wait.  Called by syscall.c and trap.c; the pages
// are shared by cow.c.  Book: chapter 2.
//
// Guarded by interrupts being off: until ready_put() the child is an EMBRYO
// that no other process can see, find or wait for.
#include "boot.h"
#include "cow.h"
#include "file.h"
#include "fork.h"
#include "fs.h"
#include "preempt.h"
#include "signal.h"

// Copy every page of `from` into `to`, which is empty.  What is shared by
// intent stays shared.  0, or -ENOMEM with `to` half filled.
static int
copy_pages(struct vm *to, struct vm *from)
{
    pte_t *pte;
    for (uint64_t va = 0; (va = vm_next(from, va, USER_TOP, &pte)) < USER_TOP;
         va += PAGE_SIZE) {
        frame_t f = *pte & PTE_FRAME;
        if (*pte & PTE_SHARED) {
            frame_share(f);
        } else {
            f = frame_alloc();
            if (f == 0)
                return -ENOMEM;
            memcpy(frame_ptr(f), frame_ptr(*pte & PTE_FRAME), PAGE_SIZE);
        }
        if (vm_map(to, va, f, *pte & PTE_FLAGS) < 0) {
            frame_drop(f);
            return -ENOMEM;
        }
    }
    return 0;
}

// The child's address space; NULL if memory runs out, with nothing left over.
static struct vm *
copy_space(struct vm *from)
{
    struct vm *to = vm_create();
    if (to == NULL)
        return NULL;
    to->brk_start = from->brk_start;
    to->brk = from->brk;
    int error = boot_option_is("cow", "off") ? copy_pages(to, from)
                                             : cow_share(to, from);
    if (error < 0) {
        vm_put(to);
        return NULL;
    }
    return to;
}

// What a child inherits that cannot fail.
static void
inherit(struct proc *child, const struct fork_how *how)
{
    struct proc *parent = current;
    // The whole trick: the child's registers are the parent's, as they were
    // when it called, but for one.  fork returns what is in RAX.
    *child->tf = *parent->tf;
    child->tf->rax = 0;
    if (how->stack != 0)
        child->tf->rsp = how->stack;

    // The parent's SSE registers are still in the processor.
    proc_save_user(parent);
    memcpy(child->fpu, parent->fpu, sizeof(child->fpu));
    child->fs_base = how->set_tls ? how->tls : parent->fs_base;
    child->gs_base = parent->gs_base;

    for (int fd = 0; fd < NFD; fd++)
        if (parent->fd[fd] != NULL)
            child->fd[fd] = file_share(parent->fd[fd]);
    child->cloexec = parent->cloexec;
    child->cwd = node_share(parent->cwd);
    child->exe = node_share(parent->exe);
    child->umask = parent->umask;

    child->blocked = parent->blocked;
    memcpy(child->actions, parent->actions, sizeof(child->actions));
    memcpy(child->name, parent->name, sizeof(child->name));
    child->pgid = parent->pgid;
    child->sid = parent->sid;
    child->trusted = parent == init_proc;
}

int64_t
do_fork(const struct fork_how *how)
{
    struct proc *parent = current;
    struct proc *child;
    int error = proc_alloc(&child);
    if (error < 0)
        return error;
    int pid = child->pid;

    if (how->share_memory) {
        child->vm = parent->vm;
        child->vm->users++;
    } else {
        child->vm = copy_space(parent->vm);
        if (child->vm == NULL)
            goto fail;
    }
    if (how->parent_tid != 0)
        copy_out(how->parent_tid, &pid, sizeof(pid));
    if (how->set_tid != 0)
        vm_write(child->vm, how->set_tid, &pid, sizeof(pid));
    inherit(child, how);

    child->parent = parent;
    child->vfork_child = how->parent_waits;
    child->state = READY;
    ready_put(child);
    // The child may end, be reaped by nobody but us, and its slot stays a
    // ZOMBIE until we wait4; so the pid is enough to know it by.
    while (child->pid == pid && child->vfork_child)
        sleep_hard(&child->vfork_child);
    return pid;

fail:
    proc_free(child);
    return -ENOMEM;
}

void
vfork_done(struct proc *p)
{
    if (p->vfork_child) {
        p->vfork_child = false;
        wakeup(&p->vfork_child);
    }
}

// ---- the end --------------------------------------------------------------

// Leave the address space: before it can go, CR3 must be elsewhere.
static void
leave_memory(struct proc *p)
{
    struct vm *vm = p->vm;
    vm_use_kernel();
    p->vm = NULL;
    vm_put(vm);
    vfork_done(p);
}

// Does the parent not want to hear of its children?
static bool
parent_ignores(const struct proc *parent)
{
    const struct sigaction *a = &parent->actions[SIGCHLD - 1];
    return a->handler == SIG_IGN || (a->flags & SA_NOCLDWAIT);
}

// p is no one's business but its parent's now.
static void
tell_parent(struct proc *p)
{
    if (parent_ignores(p->parent))
        p->state = DEAD;
    signal_send(p->parent, SIGCHLD);
    wakeup(p->parent);
}

_Noreturn void
do_exit(int status)
{
    struct proc *p = current;
    if (p == init_proc)
        init_ended(status);
    for (int fd = 0; fd < NFD; fd++)
        if (p->fd[fd] != NULL)
            file_close(p->fd[fd]);
    memset(p->fd, 0, sizeof(p->fd));
    node_drop(p->cwd);
    node_drop(p->exe);
    leave_memory(p);

    p->status = status;
    p->state = ZOMBIE;
    for (struct proc *c = procs; c < procs + NPROC; c++) {
        if (c->state == UNUSED || c->parent != p)
            continue;
        c->parent = init_proc;
        if (c->state == ZOMBIE)
            tell_parent(c);
    }
    tell_parent(p);
    schedule();
    panic("process %d runs after its end", p->pid);
}

// Is child c among those that wait4's argument `pid` means?
static bool
meant(const struct proc *c, int64_t pid)
{
    if (c->state == UNUSED || c->state == EMBRYO || c->state == DEAD
        || c->parent != current)
        return false;
    return pid <= 0 || c->pid == pid;
}

// A zombie that is meant, or NULL; *any: there are children that are.
static struct proc *
find_zombie(int64_t pid, bool *any)
{
    *any = false;
    for (struct proc *c = procs; c < procs + NPROC; c++) {
        if (!meant(c, pid))
            continue;
        *any = true;
        if (c->state == ZOMBIE)
            return c;
    }
    return NULL;
}

int64_t
sys_wait4(int64_t pid, uint64_t status, int64_t options, uint64_t rusage)
{
    static const char nothing_used[144];    // struct rusage
    struct proc *c;
    bool any;
    uint32_t known = WNOHANG | WUNTRACED | WCONTINUED | WALL_BITS;
    if ((uint32_t)options & ~known)
        return -EINVAL;
    if (pid == INT32_MIN)
        return -ESRCH;
    while ((c = find_zombie(pid, &any)) == NULL) {
        if (!any)
            return -ECHILD;
        if (options & WNOHANG)
            return 0;
        int error = sleep_on(current);
        if (error < 0)
            return error;
    }
    int child_pid = c->pid, child_status = c->status;
    proc_free(c);
    if (rusage != 0
        && copy_out(rusage, nothing_used, sizeof(nothing_used)) < 0)
        return -EFAULT;
    if (status != 0
        && copy_out(status, &child_status, sizeof(child_status)) < 0)
        return -EFAULT;
    return child_pid;
}
