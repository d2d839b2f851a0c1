// SPDX-License-Identifier: MIT
// run.c -- try your supervise() by hand: make run-1 ARGS="-d 2 -- ls -l".
// Linked with the submission's supervise.c; nothing is graded here.
// Book: chapter 1.
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "supervise.h"

static int
usage(void)
{
    fputs("usage: make run-1 ARGS=\"[OPTION]... -- PROGRAM [ARG]...\"\n"
          "  -d, --deadline SECONDS   kill the whole tree after that\n"
          "  -l, --linger SECONDS     let descendants outlive the program "
          "(-1: until the deadline)\n"
          "  -C, --directory DIR      run it there\n"
          "  -n, --nofile N           at most N descriptors\n"
          "  -w, --watch              print a dot every 100 ms\n", stderr);
    return 64;
}

static int64_t
ms(const char *seconds)
{
    double s = atof(seconds);
    return s < 0 ? -1 : (int64_t)(s * 1000);
}

static int
dot(void *arg, int supervisor)
{
    (void)arg, (void)supervisor;
    return fputc('.', stderr) == EOF;
}

static void
print_result(const struct sv_result *r)
{
    if (r->end == SV_NOT_STARTED)
        printf("it could not be started: %s\n", strerror(r->code));
    else if (r->end == SV_EXITED)
        printf("it exited with status %d\n", r->code);
    else
        printf("it was ended by signal %d (%s)\n", r->code,
               strsignal(r->code));
    if (r->timed_out)
        puts("the deadline passed with part of the tree alive");
    if (r->watch_ended)
        puts("the watch asked for the end");
    if (r->strays)
        printf("%u descendants had to be killed\n", r->strays);
    printf("%.3f s of time, %ld.%03ld s of user time, %ld.%03ld s of system "
           "time, %ld kB at most\n", (double)r->wall_ns / 1e9,
           (long)r->usage.ru_utime.tv_sec,
           (long)r->usage.ru_utime.tv_usec / 1000,
           (long)r->usage.ru_stime.tv_sec,
           (long)r->usage.ru_stime.tv_usec / 1000, r->usage.ru_maxrss);
}

int
main(int argc, char **argv)
{
    static const struct option options[] = {
        {"deadline", required_argument, NULL, 'd'},
        {"linger", required_argument, NULL, 'l'},
        {"directory", required_argument, NULL, 'C'},
        {"nofile", required_argument, NULL, 'n'},
        {"watch", no_argument, NULL, 'w'},
        {0}};
    struct sv_fd fds[] = {{0, 0}, {1, 1}, {2, 2}};
    struct sv_limit limit = {RLIMIT_NOFILE, 0};
    struct sv_spec spec = {.fds = fds, .nfds = 3};
    struct sv_result result;
    int c;
    while ((c = getopt_long(argc, argv, "+hd:l:C:n:w", options, NULL)) != -1) {
        switch (c) {
        case 'd':
            spec.deadline_ms = ms(optarg);
            break;
        case 'l':
            spec.linger_ms = ms(optarg);
            break;
        case 'C':
            spec.cwd = optarg;
            break;
        case 'n':
            limit.value = (rlim_t)atol(optarg);
            spec.limits = &limit;
            spec.nlimits = 1;
            break;
        case 'w':
            spec.watch = dot;
            spec.watch_ms = 100;
            break;
        case 'h':
            usage();
            return 0;
        default:
            return usage();
        }
    }
    if (optind == argc)
        return usage();
    spec.argv = argv + optind;
    char path[4096];
    if (!strchr(argv[optind], '/')) {  // a convenience: supervise() has no PATH
        snprintf(path, sizeof(path), "/usr/bin/%s", argv[optind]);
        argv[optind] = path;
    }
    memset(&result, 0, sizeof(result));
    int error = supervise(&spec, &result);
    if (error) {
        printf("supervise() failed: %s\n", strerror(-error));
        return 1;
    }
    print_result(&result);
    return 0;
}
