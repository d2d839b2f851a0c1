// SPDX-License-Identifier: MIT
// init.c -- goes before kernel/user/init.c in the archive of part A's machines:
// wait for a tick, so that init has a period to fork and to wait in.
//
// Without that, where every dispatch is slow, a tick may come between the two.
// Then init and its child take turns for ever, and neither gets on: there is
// no fork-test to look at.  Whether it does depends on rate, line and log.
#include "../../../kernel/user/rt.h"

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

int
__wrap_main(int argc, char **argv)
{
    sleep_ms(1);
    return __real_main(argc, argv);
}
