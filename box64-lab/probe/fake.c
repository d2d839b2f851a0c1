// SPDX-License-Identifier: MIT
// fake.c -- looks like a box64 of any version to the probe, to test it with.
// Called by ../suite.  Book: chapter 6.
//
//     fake IDENTITY-FILE [IN_USED TICK GUEST GUEST_SIZE NATIVE_SIZE SIZE DONE]
//
// Maps the file, which says what box64 this is, and makes a chunk of code with
// three dynablocks, in_used 3, 4, 5, the fields at these offsets.  Besides them
// there is what is no block: one that was freed, one whose memory has a new
// owner, who has not filled it yet, and, outside of any chunk, two pointers
// that point at each other as a block's do.  Says "ready", and ends when its
// input does.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CHUNK = 1 << 17, HEADER = 40, MARK = 16, EACH = 2048, SIZE = 1000 };

// The block's allocation begins at `at`, its structure 512 bytes further.
static void
make_block(unsigned char *at, uint32_t in_used, char **offset)
{
    unsigned char *block = at + 512;
    uint64_t self = (uintptr_t)block, actual = (uintptr_t)at;
    uint64_t code = actual + 8, guest = (uintptr_t)at, length = 100;
    uint32_t tick = 70, size = SIZE;

    memcpy(at, &self, 8);
    memcpy(block, &code, 8);
    memcpy(block + 8, &actual, 8);
    memcpy(block + atoi(offset[0]), &in_used, 4);
    memcpy(block + atoi(offset[1]), &tick, 4);
    memcpy(block + atoi(offset[2]), &guest, 8);
    memcpy(block + atoi(offset[3]), &length, 8);
    memcpy(block + atoi(offset[4]), &length, 8);
    memcpy(block + atoi(offset[5]), &size, 4);
    block[atoi(offset[6])] = 1;
}

// An allocation of `bytes`, its mark included; the mark behind it knows, too.
static unsigned char *
allocate(unsigned char *at, uint32_t bytes, int filled)
{
    uint32_t next = bytes | (filled ? 1u << 31 : 0);

    memcpy(at + 4, &next, 4);
    memcpy(at + bytes, &next, 4);
    return at + bytes;
}

static void
make_chunk(unsigned char *memory, char **offset)
{
    uint64_t header[] = {(uintptr_t)memory + HEADER, 4096, CHUNK - HEADER,
                         (uintptr_t)memory + HEADER, 0};
    unsigned char *at = memory + HEADER, *end = memory + CHUNK - MARK;

    memcpy(memory, header, sizeof header);
    for (uint32_t n = 0; n < 5; n++) {
        // the last but one was freed; the last one has a larger new owner
        make_block(at + MARK, 3 + n, offset);
        at = allocate(at, n < 4 ? SIZE + MARK + 24 : EACH, n != 3);
    }
    allocate(at, (uint32_t)(end - at), 0);
}

int
main(int argc, char **argv)
{
    int fd = argc > 1 ? open(argv[1], O_RDONLY) : -1;
    void *file = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
    unsigned char *memory = mmap(NULL, 2 * CHUNK, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char byte;

    if (file == MAP_FAILED || memory == MAP_FAILED) {
        perror("fake");
        return 1;
    }
    if (argc == 9) {
        make_chunk(memory, argv + 2);
        make_block(memory + CHUNK, 41439723, argv + 2);
    }
    printf("ready\n");
    fflush(stdout);
    while (read(0, &byte, 1) > 0)
        ;
    return 0;
}
