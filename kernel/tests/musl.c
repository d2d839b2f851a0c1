// SPDX-License-Identifier: MIT
// musl.c -- a program for a C library that is not ours: built with musl-gcc
// -static, run by the kernel and by Linux, and the outputs compared.
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static _Thread_local int mine = 5;
static volatile sig_atomic_t seen;

static void
note(int sig)
{
    seen = sig;
}

static void
fork_and_wait(void)
{
    int status;
    double x = 1.5;
    pid_t pid = fork();
    if (pid == 0) {
        mine++;
        printf("child: thread-local %d, float %.2f\n", mine, x * 2);
        exit(42);
    }
    if (waitpid(pid, &status, 0) != pid)
        perror("waitpid");
    printf("parent: exit code %d, thread-local %d\n", WEXITSTATUS(status),
           mine);
}

static void
pipe_to_child(void)
{
    FILE *from = popen("echo through a shell", "r");
    char line[100] = "nothing\n";
    if (from == NULL || fgets(line, sizeof(line), from) == NULL)
        perror("popen");
    printf("popen: %s", line);
    printf("pclose: %d\n", from == NULL ? -1 : pclose(from));
}

static void
spawn(void)
{
    pid_t pid;
    int status = 0;
    char *argv[] = { "sh", "-c", "exit 3", NULL };
    int error = posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ);
    if (error == 0)
        waitpid(pid, &status, 0);
    printf("posix_spawn: %d, exit code %d\n", error, WEXITSTATUS(status));
    error = posix_spawn(&pid, "/none", NULL, NULL, argv, environ);
    printf("posix_spawn of nothing: %s\n", strerror(error));
}

static void
memory(void)
{
    size_t size = 3 << 20;
    char *p = malloc(size);
    memset(p, 7, size);
    p = realloc(p, size * 2);
    printf("malloc: %d %d\n", p[0], p[size - 1]);
    free(p);
    int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = fork();
    if (pid == 0) {
        *shared = 99;
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    printf("shared memory: %d\n", *shared);
}

static void
signals(void)
{
    struct sigaction a = { .sa_handler = note };
    sigaction(SIGUSR2, &a, NULL);
    raise(SIGUSR2);
    printf("signal: %s\n", seen == SIGUSR2 ? "came" : "did not come");
    pid_t pid = fork();
    if (pid == 0)
        abort();
    int status;
    waitpid(pid, &status, 0);
    printf("abort: signal %d\n", WTERMSIG(status));
}

int
main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    printf("%d arguments, the last is %s\n", argc, argv[argc - 1]);
    printf("PATH %s\n", getenv("PATH") != NULL ? "is set" : "is not set");
    fork_and_wait();
    pipe_to_child();
    spawn();
    memory();
    signals();
    return 0;
}
