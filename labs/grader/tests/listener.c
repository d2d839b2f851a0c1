// SPDX-License-Identifier: MIT
// listener.c -- listens on a TCP port of the loopback and on an abstract unix
// socket; prints a line for every caller.  Nobody should call: see hostile/run.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

int
main(int argc, char **argv)
{
    int port = argc == 2 ? atoi(argv[1]) : 0;
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = htons((unsigned short)port)};
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    int n = snprintf(un.sun_path + 1, sizeof un.sun_path - 1, "hostile%d", port);
    struct pollfd p[2] = {{socket(AF_INET, SOCK_STREAM, 0), POLLIN, 0},
                          {socket(AF_UNIX, SOCK_STREAM, 0), POLLIN, 0}};
    if (bind(p[0].fd, (struct sockaddr *)&in, sizeof in) < 0 ||
        bind(p[1].fd, (struct sockaddr *)&un,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
                         (size_t)n)) < 0 ||
        listen(p[0].fd, 8) < 0 || listen(p[1].fd, 8) < 0) {
        perror("listener");
        return 1;
    }
    setvbuf(stdout, NULL, _IONBF, 0);
    while (poll(p, 2, -1) > 0)
        for (int i = 0; i < 2; i++)
            if (p[i].revents) {
                accept(p[i].fd, NULL, NULL);
                printf("somebody called on the %s socket\n",
                       i ? "unix" : "internet");
            }
    return 1;
}
