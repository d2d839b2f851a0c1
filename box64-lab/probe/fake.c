// SPDX-License-Identifier: MIT
// fake.c -- looks like a box64 of any version to the probe, to test it with.
// Called by ../suite.  Book: chapter 6.
//
//     fake IDENTITY-FILE [IN_USED TICK GUEST GUEST_SIZE NATIVE_SIZE DONE]
//
// Maps the file, which says what box64 this is, and makes three dynablocks with
// the fields at these offsets: in_used 3, 4, 5.  A fourth looks the same but
// for its back pointer.  Says "ready", and ends when its input does.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void
make_block(unsigned char *at, int number, char **offset)
{
    uint64_t self = (uintptr_t)at, code = self + 512 + 8, back = self;
    uint64_t guest = (uintptr_t)at + 1024, size = 100;
    uint32_t in_used = 3 + (uint32_t)number, tick = 70;

    if (number == 3)
        back += 8;
    memcpy(at + 512, &back, 8);
    memcpy(at, &code, 8);
    self = code - 8;
    memcpy(at + 8, &self, 8);
    memcpy(at + atoi(offset[0]), &in_used, 4);
    memcpy(at + atoi(offset[1]), &tick, 4);
    memcpy(at + atoi(offset[2]), &guest, 8);
    memcpy(at + atoi(offset[3]), &size, 8);
    memcpy(at + atoi(offset[4]), &size, 8);
    at[atoi(offset[5])] = 1;
}

int
main(int argc, char **argv)
{
    int fd = argc > 1 ? open(argv[1], O_RDONLY) : -1;
    void *file = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
    unsigned char *memory = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char byte;

    if (file == MAP_FAILED || memory == MAP_FAILED) {
        perror("fake");
        return 1;
    }
    for (int i = 0; i < 4 && argc == 8; i++)
        make_block(memory + 2048 * i, i, argv + 2);
    printf("ready\n");
    fflush(stdout);
    while (read(0, &byte, 1) > 0)
        ;
    return 0;
}
