// SPDX-License-Identifier: MIT
// init.c -- process 1: runs its arguments as a command, or else the shell;
// reaps whatever is left to it; ends, and with it the machine, when the
// command has ended.
#include "rt.h"

static char *const shell[] = { "/bin/sh", NULL };

static long
start(char *const argv[])
{
    long pid = sys_fork();
    if (pid != 0)
        return pid;
    long error = sys_execve(argv[0], argv, environ);
    print("init: cannot run %s: error %ld\n", argv[0], -error);
    sys_exit(127);
}

int
main(int argc, char **argv)
{
    char *const *command = argc > 1 ? argv + 1 : shell;
    long pid = start(command);
    int status = 0;
    if (pid < 0) {
        print("init: cannot fork: error %ld\n", -pid);
        return 1;
    }
    // Everybody's orphans come here; only the command's end counts.
    while (sys_wait4(-1, &status, 0) != pid)
        ;
    if (status & 0x7f)
        print("init: %s was killed by signal %d\n", command[0],
              status & 0x7f);
    return status != 0;
}
