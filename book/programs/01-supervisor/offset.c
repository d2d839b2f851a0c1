// SPDX-License-Identifier: MIT
// offset.c -- descriptors are copied, what they point to is shared.
// Book: chapter 1.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "demo.h"

static void
read3(const char *who, int fd)
{
    char text[4] = "";
    must((int)read(fd, text, 3));
    say("%s reads \"%s\"", who, text);
}

int
main(void)
{
    int fd = must(memfd_create("alphabet", MFD_CLOEXEC));
    must((int)write(fd, "abcdefghi", 9));
    must((int)lseek(fd, 0, SEEK_SET));

    if (must(fork()) == 0) {  //> offset
        read3("child,  inherited descriptor,", fd);
        char path[32];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        int own = must(open(path, O_RDONLY));  // a new open file
        read3("child,  opened by itself,    ", own);
        must(fcntl(fd, F_SETFL, O_APPEND));  // lives in the open file
        must(fcntl(fd, F_SETFD, 0));         // lives in the descriptor
        must(close(fd));                     // closes the child's copy only
        _exit(0);
    }
    must(wait(NULL));
    read3("parent, inherited descriptor,", fd);  //< offset
    say("parent: O_APPEND is %s, FD_CLOEXEC is %s",
        fcntl(fd, F_GETFL) & O_APPEND ? "on" : "off",
        fcntl(fd, F_GETFD) & FD_CLOEXEC ? "on" : "off");
    return 0;
}
