// SPDX-License-Identifier: MIT
// pidfd.c -- wait for a process with a deadline, without a signal.
// Book: chapter 1.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include "demo.h"

static void
watch(const char *what, pid_t pid, int deadline_ms)
{
    int fd = must(pidfd_open(pid, 0));
    struct pollfd ended = {.fd = fd, .events = POLLIN};
    int in_time = must(poll(&ended, 1, deadline_ms));
    if (!in_time)
        must(pidfd_send_signal(fd, SIGKILL, NULL, 0));

    siginfo_t info;
    must(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
    say("%s: %s, %s %d", what, in_time ? "in time" : "too late",
        info.si_code == CLD_EXITED ? "exit status" : "signal",
        info.si_status);

    // Its number may be somebody else's by now.  The descriptor never is.
    if (pidfd_send_signal(fd, SIGKILL, NULL, 0) == -1)
        say("  a signal after that: %s", strerror(errno));
    must(close(fd));
}

int
main(void)
{
    pid_t pid = must(fork());
    if (pid == 0)
        _exit(5);
    watch("the quick one", pid, 60000);

    pid = must(fork());
    if (pid == 0)
        for (;;)
            pause();
    watch("the slow one ", pid, 50);
    return 0;
}
