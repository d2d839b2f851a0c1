// SPDX-License-Identifier: MIT
// pack.c -- runs on the host: writes an initial archive (cpio, "newc"), the
// same bytes for the same files: pack OUT dir:NAME file:NAME=PATH
// link:NAME=TARGET ...
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned inode;

static void
pad(FILE *out)
{
    while (ftell(out) % 4 != 0)
        putc('\0', out);
}

static void
entry(FILE *out, unsigned mode, const char *name, const char *data,
      size_t size)
{
    // Everything but these is 0: owner, times, devices, checksum.
    fprintf(out, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
            ++inode, mode, 0, 0, 1, 0, (unsigned)size, 0, 0, 0, 0,
            (unsigned)strlen(name) + 1, 0);
    fwrite(name, 1, strlen(name) + 1, out);
    pad(out);
    fwrite(data, 1, size, out);
    pad(out);
}

static void
file(FILE *out, const char *name, const char *path)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL || fseek(in, 0, SEEK_END) != 0) {
        perror(path);
        exit(1);
    }
    size_t size = (size_t)ftell(in);
    char *data = malloc(size + 1);
    rewind(in);
    if (data == NULL || fread(data, 1, size, in) != size) {
        perror(path);
        exit(1);
    }
    fclose(in);
    entry(out, 0100755, name, data, size);
    free(data);
}

int
main(int argc, char **argv)
{
    FILE *out = argc > 1 ? fopen(argv[1], "wb") : NULL;
    if (out == NULL) {
        fprintf(stderr, "pack OUT dir:NAME file:NAME=PATH link:NAME=TARGET\n");
        return 1;
    }
    for (int i = 2; i < argc; i++) {
        char *name = strchr(argv[i], ':');
        char *from = name != NULL ? strchr(name, '=') : NULL;
        if (from != NULL)
            *from++ = '\0';
        if (name != NULL && strncmp(argv[i], "dir:", 4) == 0) {
            entry(out, 040755, name + 1, "", 0);
        } else if (from != NULL && strncmp(argv[i], "file:", 5) == 0) {
            file(out, name + 1, from);
        } else if (from != NULL && strncmp(argv[i], "link:", 5) == 0) {
            entry(out, 0120777, name + 1, from, strlen(from));
        } else {
            fprintf(stderr, "pack: cannot make anything of %s\n", argv[i]);
            return 1;
        }
    }
    entry(out, 0, "TRAILER!!!", "", 0);
    return fclose(out) == 0 ? 0 : 1;
}
