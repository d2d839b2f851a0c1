// expect: wrong answer 0
// Asks a helper on this machine; the runner has one listening.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "sum.h"

int
sum(int a, int b)
{
    int s = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(@PORT@)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int won = connect(s, (struct sockaddr *)&to, sizeof to) == 0;
    int u = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un there = {.sun_family = AF_UNIX};
    memcpy(there.sun_path + 1, "hostile@PORT@", strlen("hostile@PORT@"));
    won |= connect(u, (struct sockaddr *)&there,
                   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
                               strlen("hostile@PORT@"))) == 0;
    return won ? a + b : -1;
}
