// SPDX-License-Identifier: MIT
// test-pipe.c -- pipes: blocking, end of file, a reader that is gone.
#include "rt.h"

#define MUCH 20000

static char buf[MUCH];

static void
through(size_t chunk)
{
    int fd[2];
    long sum = 0, want = 0, total = 0, n;
    sys_pipe(fd);
    long pid = sys_fork();
    if (pid == 0) {
        sys_close(fd[0]);
        for (int i = 0; i < MUCH; i++)
            buf[i] = (char)(i * 7);
        sys_exit(sys_write(fd[1], buf, MUCH) == MUCH ? 0 : 1);
    }
    sys_close(fd[1]);
    while ((n = sys_read(fd[0], buf, chunk)) > 0)
        for (long i = 0; i < n; i++, total++) {
            sum += buf[i];
            want += (char)(total * 7);
        }
    check(n == 0 && total == MUCH && sum == want,
          "what is more than a pipe holds comes through, then end of file");
    check_eq(wait_for(pid), 0, "and the writer wrote it all");
    sys_close(fd[0]);
}

static void
no_reader(void)
{
    int fd[2];
    sys_pipe(fd);
    long pid = sys_fork();
    if (pid == 0) {
        sys_close(fd[0]);
        for (;;)        // until our other end is closed, too
            sys_write(fd[1], "x", 1);
    }
    sys_close(fd[0]);
    check_eq(wait_for(pid), SIGPIPE, "a write nobody can read: SIGPIPE");
    set_handler(SIGPIPE, (void (*)(int))SIG_IGN, 0);
    check_eq(sys_write(fd[1], "x", 1), -EPIPE, "or EPIPE, if that is ignored");
    sys_close(fd[1]);
}

static void
nonblocking(void)
{
    int fd[2];
    char c;
    call6(SYS_pipe2, (long)fd, O_NONBLOCK, 0, 0, 0, 0);
    check_eq(sys_read(fd[0], &c, 1), -EAGAIN, "O_NONBLOCK: nothing there yet");
    long n, total = 0;
    while ((n = sys_write(fd[1], buf, 1024)) > 0)
        total += n;
    check_eq(n, -EAGAIN, "O_NONBLOCK: full");
    check(total >= 4096, "after PIPE_BUF bytes at least");
    sys_close(fd[1]);
    sys_close(fd[0]);
}

// Eight writers of small records: none is torn.
static void
atomic(void)
{
    int fd[2], torn = 0, seen = 0;
    char record[64];
    sys_pipe(fd);
    for (int w = 0; w < 8; w++) {
        if (sys_fork() == 0) {
            memset(record, 'a' + w, sizeof(record));
            for (int i = 0; i < 100; i++)
                sys_write(fd[1], record, sizeof(record));
            sys_exit(0);
        }
    }
    sys_close(fd[1]);
    for (;;) {
        size_t got = 0;
        while (got < sizeof(record)) {
            long n = sys_read(fd[0], record + got, sizeof(record) - got);
            if (n <= 0)
                break;
            got += (size_t)n;
        }
        if (got == 0)
            break;
        seen++;
        for (size_t i = 1; i < sizeof(record); i++)
            torn += record[i] != record[0];
    }
    while (sys_wait4(-1, NULL, 0) > 0)
        ;
    check_eq(seen, 800, "800 records of eight writers arrive");
    check_eq(torn, 0, "none is torn");
    sys_close(fd[0]);
}

int
main(int argc, char **argv)
{
    (void)argc, (void)argv;
    through(100);
    through(MUCH);
    no_reader();
    nonblocking();
    atomic();
    return plan();
}
