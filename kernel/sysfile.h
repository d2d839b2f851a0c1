// SPDX-License-Identifier: MIT
// sysfile.h -- the system calls on files, and the paths that users name.
#ifndef SYSFILE_H
#define SYSFILE_H

#include "fs.h"

// The string at a user address, in a buffer that is good until the next call
// (nobody sleeps in between).  0, -EFAULT, -ENAMETOOLONG.
int sys_path(uint64_t va, const char **path);

// fs_find from directory descriptor dirfd; knows /proc/self/exe.
int sys_find(int64_t dirfd, const char *path, bool follow, struct node **n);

int64_t sys_read(int fd, uint64_t to, size_t n);
int64_t sys_write(int fd, uint64_t from, size_t n);
int64_t sys_vector(int fd, uint64_t iov, int64_t count, bool write);
int64_t sys_openat(int dirfd, uint64_t path, uint32_t flags, uint32_t mode);
int64_t sys_close(int fd);
int64_t sys_lseek(int fd, int64_t offset, int whence);
int64_t sys_dup(int fd);
int64_t sys_dup3(int old, int new, uint32_t flags, bool same_ok);
int64_t sys_pipe2(uint64_t fds, uint32_t flags);
int64_t sys_fcntl(int fd, int cmd, uint64_t arg);
int64_t sys_ioctl(int fd, uint64_t request, uint64_t arg);
int64_t sys_fstat(int fd, uint64_t to);
int64_t sys_fstatat(int dirfd, uint64_t path, uint64_t to, uint32_t flags);
int64_t sys_access(int dirfd, uint64_t path, uint32_t mode);
int64_t sys_readlink(int dirfd, uint64_t path, uint64_t to, int64_t size);
int64_t sys_getdents64(int fd, uint64_t to, size_t size);
int64_t sys_getcwd(uint64_t to, size_t size);
int64_t sys_chdir(uint64_t path);
int64_t sys_mkdir(uint64_t path, uint32_t mode);
int64_t sys_unlink(uint64_t path, bool directory);
int64_t sys_poll(uint64_t fds, uint64_t count, int64_t timeout_ms);

#endif
