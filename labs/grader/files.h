// SPDX-License-Identifier: MIT
// files.h -- write files whole or not at all.
#ifndef FILES_H
#define FILES_H

#include <stdbool.h>
#include <stddef.h>

// Make a directory and those above it; false with errno set.
bool make_dirs(const char *path);
// Write `path` whole, through a temporary name and a rename, so that a full
// disk leaves what was there; false with errno set.
bool file_write(const char *path, const void *bytes, size_t size);
// The whole file, NUL-terminated; NULL with errno set.  The caller frees it.
char *file_read(const char *path);

#endif
