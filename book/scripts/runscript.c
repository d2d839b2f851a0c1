// SPDX-License-Identifier: MIT
// runscript.c -- run one shell script for a transcript and take all it prints.
// Called by transcripts.lua: runscript [-t] SECONDS DIR SCRIPT
//
// The script runs by sh in DIR, in a session of its own, with a fixed, small
// environment, its output and errors into one pipe (-t: into a terminal of 24
// lines of 80 columns).  Output ends when nobody holds the pipe any more.  All
// that the script started is gone afterwards: this process is their subreaper,
// so orphans come here and are killed by number.
// Exit status: 0, also where the script's is not; 124 where it ran too long;
// 125 where it printed too much; 126 where it could not be started.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { OUTPUT_MAX = 1 << 20, FIRST_PID = 300 };

static long
now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
die(const char *what)
{
    fprintf(stderr, "runscript: %s: %s\n", what, strerror(errno));
    exit(126);
}

// A fresh container hands out process numbers from 2 on, which cannot be told
// from other small numbers in a transcript: use them up.
static void
burn_small_pids(void)
{
    for (int i = 0; i < FIRST_PID; i++) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(0);
        if (pid < 0)
            return;
        waitpid(pid, NULL, 0);
        if (pid >= FIRST_PID)
            return;
    }
}

static void
become_script(const char *dir, const char *script, int out)
{
    static char home[4200], pwd[4200];
    char *argv[] = { "sh", (char *)script, NULL };
    char *env[] = { "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        "LC_ALL=C.UTF-8", "TERM=dumb", "COLUMNS=80", "LINES=24", "TZ=UTC",
        "USER=reader", "SHELL=/bin/sh", home, pwd, NULL };
    const struct rlimit no_core = { 0, 0 };
    const struct rlimit files = { 1024, 1024 };

    if (chdir(dir) != 0)
        die(dir);
    snprintf(home, sizeof(home), "HOME=%s", dir);
    snprintf(pwd, sizeof(pwd), "PWD=%s", dir);
    int in = open("/dev/null", O_RDONLY);
    if (in < 0 || dup2(isatty(out) ? out : in, 0) < 0 || dup2(out, 1) < 0 ||
        dup2(out, 2) < 0)
        die("dup2");
    for (int fd = 3; fd < 256; fd++)
        close(fd);
    setrlimit(RLIMIT_CORE, &no_core);
    setrlimit(RLIMIT_NOFILE, &files);
    umask(022);
    for (int sig = 1; sig < 32; sig++)
        signal(sig, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve("/bin/sh", argv, env);
    die("/bin/sh");
}

// Kill and reap whatever the script left: each is, or will become, our child.
static void
end_all_children(pid_t script)
{
    for (;;) {
        FILE *list = fopen("/proc/thread-self/children", "r");
        int pid, any = 0;
        if (!list) {            // a kernel that keeps no such list
            kill(-script, SIGKILL);
            return;
        }
        while (fscanf(list, "%d", &pid) == 1) {
            kill(pid, SIGKILL);
            any = 1;
        }
        fclose(list);
        if (waitpid(-1, NULL, any ? 0 : WNOHANG) < 0 && errno == ECHILD)
            return;
    }
}

int
main(int argc, char **argv)
{
    int tty = argc > 1 && strcmp(argv[1], "-t") == 0;
    int out[2], status = 0;

    if (argc - tty != 4) {
        fprintf(stderr, "usage: runscript [-t] SECONDS DIR SCRIPT\n");
        return 126;
    }
    argv += tty;
    long deadline = now_ms() + atol(argv[1]) * 1000;
    if (tty) {
        struct winsize size = { .ws_row = 24, .ws_col = 80 };
        struct termios how;
        if (openpty(&out[0], &out[1], NULL, NULL, &size) != 0)
            die("openpty");
        tcgetattr(out[1], &how);
        how.c_oflag &= ~(tcflag_t)OPOST;    // no carriage returns
        how.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(out[1], TCSANOW, &how);
    } else if (pipe(out) != 0)
        die("pipe");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    burn_small_pids();

    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        setsid();
        if (tty && ioctl(out[1], TIOCSCTTY, 0) != 0)
            die("TIOCSCTTY");
        become_script(argv[2], argv[3], out[1]);
    }
    close(out[1]);

    size_t total = 0;
    for (;;) {
        struct pollfd p = { .fd = out[0], .events = POLLIN };
        long left = deadline - now_ms();
        char buffer[4096];
        int ready = left > 0 ? poll(&p, 1, (int)left) : 0;
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready == 0) {
            status = 124;
            break;
        }
        ssize_t n = read(out[0], buffer, sizeof(buffer));
        if (n <= 0)             // EIO: a terminal that nobody holds any more
            break;
        total += (size_t)n;
        if (total > OUTPUT_MAX) {
            status = 125;
            break;
        }
        fwrite(buffer, 1, (size_t)n, stdout);
    }
    end_all_children(pid);
    return fflush(stdout) == 0 ? status : 126;
}
