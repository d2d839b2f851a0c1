// SPDX-License-Identifier: MIT
// tools.c -- echo, cat, ls, ps, sleep, kill, spin, true and false in one
// program that looks at its name.
#include "rt.h"

static int
do_echo(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        print("%s%s", argv[i], i + 1 < argc ? " " : "");
    print("\n");
    return 0;
}

static int
copy(int fd)
{
    char buf[512];
    long n;
    while ((n = sys_read(fd, buf, sizeof(buf))) > 0)
        sys_write(1, buf, (size_t)n);
    return n < 0;
}

static int
do_cat(int argc, char **argv)
{
    int bad = argc < 2 ? copy(0) : 0;
    for (int i = 1; i < argc; i++) {
        long fd = sys_open(argv[i], O_RDONLY, 0);
        if (fd < 0)
            print("cat: %s: error %ld\n", argv[i], -fd);
        bad |= fd < 0 || copy((int)fd) != 0;
        sys_close((int)fd);
    }
    return bad;
}

static int
do_ls(int argc, char **argv)
{
    char buf[1024] __attribute__((aligned(8)));
    const char *path = argc > 1 ? argv[1] : ".";
    long n, fd = sys_open(path, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0) {
        print("ls: %s: error %ld\n", path, -fd);
        return 1;
    }
    while ((n = call6(SYS_getdents64, fd, (long)buf, sizeof(buf), 0, 0, 0))
           > 0) {
        for (long at = 0; at < n;) {
            const struct dirent64 *d = (const void *)(buf + at);
            if (d->d_name[0] != '.')
                print("%s%s\n", d->d_name, d->d_type == 4 ? "/" : "");
            at += d->d_reclen;
        }
    }
    return 0;
}

// The kernel's table of processes; needs the boot option probe=on.
static int
do_ps(int argc, char **argv)
{
    static const char *const states[] = { "unused", "embryo", "ready",
        "running", "sleeping", "stopped", "zombie", "dead" };
    struct probe_proc p;
    long found;
    (void)argc, (void)argv;
    print("  PID  PPID STATE    PAGES NAME\n");
    for (int slot = 0; (found = call6(SYS_probe, PROBE_PROC, slot, (long)&p,
                                      0, 0, 0)) != -EINVAL; slot++) {
        if (found == -ENOSYS) {
            print("ps: boot with probe=on\n");
            return 1;
        }
        if (found == 0)
            print("%5d %5d %8s %5d %s\n", p.pid, p.ppid, states[p.state],
                  p.pages, p.name);
    }
    print("%ld frames free\n", probe(PROBE_FREE, 0));
    return 0;
}

static int
do_sleep(int argc, char **argv)
{
    sleep_ms(argc > 1 ? atol(argv[1]) * 1000 : 1000);
    return 0;
}

static int
do_kill(int argc, char **argv)
{
    int sig = argc > 2 ? (int)-atol(argv[1]) : SIGTERM;
    long error = sys_kill((int)atol(argv[argc - 1]), sig);
    if (error < 0)
        print("kill: error %ld\n", -error);
    return error < 0;
}

static _Noreturn int
do_spin(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (;;)
        ;
}

static int
do_true(int argc, char **argv)
{
    (void)argc, (void)argv;
    return 0;
}

static int
do_false(int argc, char **argv)
{
    (void)argc, (void)argv;
    return 1;
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } tools[] = {
        { "echo", do_echo }, { "cat", do_cat }, { "ls", do_ls },
        { "ps", do_ps }, { "sleep", do_sleep }, { "kill", do_kill },
        { "spin", do_spin }, { "true", do_true }, { "false", do_false },
    };
    const char *name = argc > 0 ? argv[0] : "";
    for (const char *s = name; *s != '\0'; s++)
        if (*s == '/')
            name = s + 1;
    for (size_t i = 0; i < NELEM(tools); i++)
        if (strcmp(name, tools[i].name) == 0)
            return tools[i].run(argc, argv);
    print("tools: there is no %s\n", name);
    return 1;
}
