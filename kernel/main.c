// SPDX-License-Identifier: MIT
// main.c -- from the loader to the first process.  Called by boot.S.
#include "boot.h"
#include "clock.h"
#include "console.h"
#include "exec.h"
#include "file.h"
#include "preempt.h"
#include "trace.h"
#include "x86.h"

#define INIT "/bin/init"
#define ARGS 16

void kmain(uint32_t magic, uint64_t info);

// A page of user memory with init's path and arguments, as if init had called
// execve itself: then there is one way to load a program and not two.
struct first_page {
    uint64_t argv[ARGS + 1];
    uint64_t envp[3];
    char path[16];
    char env[2][32];
    char words[2048];
};
_Static_assert(sizeof(struct first_page) <= PAGE_SIZE, "one page");

#define USER_ADDRESS(page, member) \
    (USER_LOW + (uint64_t)((char *)(member) - (char *)(page)))

static void
fill_first_page(struct first_page *page)
{
    int argc = 0;
    copy_string(page->path, INIT, sizeof(page->path));
    copy_string(page->env[0], "PATH=/bin", sizeof(page->env[0]));
    copy_string(page->env[1], "TERM=vt100", sizeof(page->env[1]));
    copy_string(page->words, boot_arguments(), sizeof(page->words));
    page->envp[0] = USER_ADDRESS(page, page->env[0]);
    page->envp[1] = USER_ADDRESS(page, page->env[1]);
    page->argv[argc++] = USER_ADDRESS(page, page->path);
    // Words are separated by spaces; between '' a space is a space.
    for (char *s = page->words; argc < ARGS;) {
        while (*s == ' ')
            s++;
        if (*s == '\0')
            break;
        char stop = *s == '\'' ? *s++ : ' ';
        page->argv[argc++] = USER_ADDRESS(page, s);
        while (*s != '\0' && *s != stop)
            s++;
        if (*s != '\0')
            *s++ = '\0';
    }
}

static void
open_console(struct proc *p)
{
    struct file *f = file_alloc();
    struct node *n;
    assert(f != NULL && fs_find(fs_root, "/dev/console", true, &n) == 0);
    f->node = node_share(n);
    f->flags = O_RDWR;
    p->fd[0] = f;
    p->fd[1] = file_share(f);
    p->fd[2] = file_share(f);
}

static struct proc *
make_init(void)
{
    struct proc *p = NULL;
    assert(proc_alloc(&p) == 0);
    frame_t page = frame_alloc_zero();
    p->vm = vm_create();
    assert(p->vm != NULL && page != 0);
    fill_first_page(frame_ptr(page));
    assert(vm_map(p->vm, USER_LOW, page, PTE_U | PTE_W | PTE_NX) == 0);
    p->cwd = node_share(fs_root);
    p->exe = node_share(fs_root);
    p->pgid = p->sid = p->pid;
    p->trusted = true;
    p->umask = 022;
    open_console(p);
    return p;
}

void
kmain(uint32_t magic, uint64_t info)
{
    boot_read(magic, info);
    console_init(0);
    frame_init();
    vm_init();
    trap_init();
    clock_init(boot_option("hz", 100));
    console_init(boot_option("baud", 0));
    trace_init();
    klog("Returns Twice; %lu frames free, %lu Hz, TSC %lu MHz", frames_free,
         boot_option("hz", 100), clock_tsc_per_us);
    struct boot_range archive = boot_info.archive;
    fs_init(frame_ptr(archive.start), archive.end - archive.start);

    init_proc = make_init();
    current = init_proc;
    const struct first_page *page = (const void *)USER_LOW;
    int64_t error = sys_execve(current->tf, (uint64_t)page->path,
                               (uint64_t)page->argv, (uint64_t)page->envp);
    if (error < 0) {
        klog("cannot run %s: error %ld; is there an initial archive?", INIT,
             -error);
        machine_off(EXIT_FAILED);
    }
    struct context *boot;
    current->state = RUNNING;
    switch_context(&boot, current->context);
}
