// SPDX-License-Identifier: MIT
// sh.c -- a shell: words, < > |, & and ;, cd, exit, wait, and $?.  Enough to
// see fork, exec, pipe, dup2 and wait at work, one system call to a line.
#include "rt.h"

#define LINE 512
#define WORDS 32

struct command {
    char *argv[WORDS + 1];
    int argc;
    char *in, *out;
};

static int last_status;
static bool interactive;

// Put process `pid` (0: this one) in a process group of its own or in `group`;
// ^C goes to the group that has the terminal.
static void
join_group(long pid, long group)
{
    if (interactive)
        call6(SYS_setpgid, pid, group, 0, 0, 0, 0);
}

static void
give_terminal(long group)
{
    int32_t to = (int32_t)group;
    if (interactive)
        call6(SYS_ioctl, 0, TIOCSPGRP, (long)&to, 0, 0, 0);
}

// Read a line from the terminal.  False at the end of input.
static bool
read_line(char *line)
{
    size_t n = 0;
    while (n < LINE - 1) {
        long got = sys_read(0, line + n, 1);
        if (got == -EINTR)
            continue;
        if (got <= 0)
            return n > 0;
        if (line[n] == '\n')
            break;
        n++;
    }
    line[n] = '\0';
    return true;
}

// Cut the next word off *s, which ends up behind it.  NULL if there is none.
static char *
next_word(char **s)
{
    char *w = *s;
    while (*w == ' ')
        w++;
    char *end = w;
    while (*end != '\0' && *end != ' ')
        end++;
    if (end == w)
        return NULL;
    *s = *end == '\0' ? end : end + 1;
    *end = '\0';
    return w;
}

static bool
parse(struct command *c, char *s)
{
    char *w;
    *c = (struct command){ .argc = 0 };
    while ((w = next_word(&s)) != NULL) {
        if (w[0] == '<' || w[0] == '>') {
            char *name = w[1] != '\0' ? w + 1 : next_word(&s);
            *(w[0] == '<' ? &c->in : &c->out) = name;
        } else if (c->argc < WORDS) {
            c->argv[c->argc++] = strcmp(w, "$?") != 0 ? w
                               : last_status != 0 ? "1" : "0";
        }
    }
    return c->argc > 0;
}

static void
redirect(const char *name, int fd, int flags)
{
    if (name == NULL)
        return;
    long from = sys_open(name, flags, 0666);
    if (from < 0) {
        print("sh: %s: error %ld\n", name, -from);
        sys_exit(1);
    }
    sys_dup2((int)from, fd);
    sys_close((int)from);
}

static _Noreturn void
run(struct command *c)
{
    char path[LINE + 8] = "/bin/";
    redirect(c->in, 0, O_RDONLY);
    redirect(c->out, 1, O_WRONLY | O_CREAT | O_TRUNC);
    if (strchr(c->argv[0], '/') != NULL)
        path[0] = '\0';
    memcpy(path + strlen(path), c->argv[0], strlen(c->argv[0]) + 1);
    long error = sys_execve(path, c->argv, environ);
    print("sh: %s: error %ld\n", c->argv[0], -error);
    sys_exit(127);
}

// Start a pipeline, as a process group; the pid of its last command.
static long
start(char *s, bool foreground)
{
    int in = 0, fd[2] = { 0, 0 };
    long pid = 0, group = 0;
    struct command c;
    for (char *bar; s != NULL; s = bar) {
        bar = strchr(s, '|');
        if (bar != NULL) {
            *bar++ = '\0';
            if (sys_pipe(fd) < 0)
                return -1;
        }
        if (!parse(&c, s))
            return 0;
        pid = sys_fork();
        if (pid == 0) {
            join_group(0, group);
            if (in != 0) {
                sys_dup2(in, 0);
                sys_close(in);
            }
            if (bar != NULL) {
                sys_dup2(fd[1], 1);
                sys_close(fd[0]);
                sys_close(fd[1]);
            }
            run(&c);
        }
        if (in != 0)
            sys_close(in);
        if (bar != NULL)
            sys_close(fd[1]);
        in = fd[0];
        if (pid < 0) {
            print("sh: cannot fork: error %ld\n", -pid);
            return pid;
        }
        if (group == 0)
            group = pid;
        join_group(pid, group);
        if (foreground)
            give_terminal(group);
    }
    return pid;
}

// Wait until `pid` has ended, or for everybody if it is -1.
static void
wait_until(long pid)
{
    int status;
    long got;
    while ((got = sys_wait4(-1, &status, 0)) != -ECHILD) {
        if (got != pid)
            continue;
        last_status = status;
        if (status & 0x7f)
            print("sh: killed by signal %d\n", status & 0x7f);
        return;
    }
}

static bool
builtin(const char *s)
{
    char copy[LINE];
    struct command c;
    memcpy(copy, s, strlen(s) + 1);
    if (!parse(&c, copy))
        return true;
    if (strcmp(c.argv[0], "exit") == 0)
        sys_exit(c.argc > 1 ? (int)atol(c.argv[1]) : 0);
    if (strcmp(c.argv[0], "wait") == 0) {
        wait_until(-1);
        return true;
    }
    if (strcmp(c.argv[0], "cd") == 0) {
        const char *to = c.argc > 1 ? c.argv[1] : "/";
        long error = call6(SYS_chdir, (long)to, 0, 0, 0, 0, 0);
        if (error < 0)
            print("sh: cd: error %ld\n", -error);
        return true;
    }
    return false;
}

static void
run_line(char *s)
{
    while (*s != '\0') {
        char *end = s;
        while (*end != '\0' && *end != ';' && *end != '&')
            end++;
        char stop = *end;
        *end = '\0';
        if (!builtin(s)) {
            long pid = start(s, stop != '&');
            if (stop == '&')
                print("[%ld]\n", pid);
            else if (pid > 0)
                wait_until(pid);
            give_terminal(call6(SYS_getpgrp, 0, 0, 0, 0, 0, 0));
        }
        s = stop == '\0' ? end : end + 1;
    }
}

int
main(int argc, char **argv)
{
    char line[LINE];
    if (argc > 2 && strcmp(argv[1], "-c") == 0) {
        size_t n = strlen(argv[2]);
        if (n >= LINE)
            return 2;
        memcpy(line, argv[2], n + 1);
        run_line(line);
        return last_status != 0;
    }
    interactive = true;
    print("A small shell: words < > | & ; cd wait exit.  ls /bin shows the "
          "programs.\n");
    for (;;) {
        while (sys_wait4(-1, NULL, WNOHANG) > 0)
            ;
        print("$ ");
        if (!read_line(line))
            break;
        run_line(line);
    }
    print("\n");
    return 0;
}
