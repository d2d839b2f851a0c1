// SPDX-License-Identifier: MIT
// zombie.c -- what is left of a process between its death and its wait.
// Book: chapter 1.
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "demo.h"

// The lines of /proc/PID/status that begin with one of these words.
static void
show(pid_t pid)
{
    static const char *const keys[] = {"Name:", "State:", "VmRSS:", "FDSize:"};
    char path[40], line[200];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        say("  %s", strerror(errno));
        return;
    }
    while (fgets(line, sizeof line, f) != NULL)
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
            if (strncmp(line, keys[i], strlen(keys[i])) == 0)
                say("  %.*s", (int)strcspn(line, "\n"), line);
    fclose(f);
}

int
main(void)
{
    pid_t pid = must(fork());
    if (pid == 0)
        _exit(7);

    siginfo_t info;
    must(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
    say("dead, not waited for:");
    show(pid);
    say("  kill -9: %s", kill(pid, SIGKILL) == 0 ? "no error" : "error");

    int status;
    must(waitpid(pid, &status, 0));
    say("waited for, status %d:", WEXITSTATUS(status));
    show(pid);
    say("  kill -9: %s",
        kill(pid, SIGKILL) == 0 ? "no error" : strerror(errno));
    return 0;
}
