// expect: wrong answer 0
// Makes itself root in a namespace of its own, to mount over what it sees.
#include <sched.h>
#include <sys/mount.h>
#include "sum.h"

int
sum(int a, int b)
{
    int won = unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
    won |= mount("tmpfs", "/usr", "tmpfs", 0, "") == 0;
    won |= umount2("/built", MNT_DETACH) == 0;
    return won ? a + b : -1;
}
