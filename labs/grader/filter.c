// SPDX-License-Identifier: MIT
// filter.c -- the system calls that no program in a cell may make; filter.h.
//
// A cell bounds memory by what its processes have mapped (cell.c) and by the
// size of the file systems that they can write to.  These calls make memory
// that neither sees, or reach parts of the kernel that no lab is about.  They
// fail with EPERM, so that a program can go on and say so.
#include "filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#define X32_BIT 0x40000000  // the x32 ABI's calls, on the same architecture
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#define X32_BIT 0x80000000  // there is none
#else
#error "filter.c: name the audit architecture of this machine"
#endif

static const unsigned refused[] = {
    SYS_memfd_create,   // files without a file system
#ifdef SYS_memfd_secret
    SYS_memfd_secret,
#endif
    SYS_shmget,         // System V shared memory stays without a process
    SYS_io_uring_setup, // rings pin memory, and do calls that no filter sees
    SYS_userfaultfd,    SYS_bpf,     SYS_perf_event_open,
    SYS_add_key,        SYS_keyctl,  SYS_request_key,
};

enum { REFUSED = sizeof refused / sizeof refused[0] };

#define REFUSE (SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA))
#define LOAD(field)                                       \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))

int
filter_open(void)
{
    struct sock_filter f[REFUSED + 8];
    size_t n = 0;
    f[n++] = (struct sock_filter)LOAD(arch);  // int 0x80 has numbers of its own
    f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ, NATIVE, 1, 0);
    f[n++] = (struct sock_filter)BPF_STMT(BPF_RET, REFUSE);
    f[n++] = (struct sock_filter)LOAD(nr);
    f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE, X32_BIT,
                                          REFUSED + 1, 0);
    for (size_t i = 0; i < REFUSED; i++)
        f[n++] = (struct sock_filter)BPF_JUMP(
            BPF_JMP | BPF_JEQ, refused[i], (unsigned char)(REFUSED - i), 0);
    f[n++] = (struct sock_filter)BPF_STMT(BPF_RET, SECCOMP_RET_ALLOW);
    f[n++] = (struct sock_filter)BPF_STMT(BPF_RET, REFUSE);

    int fd = memfd_create("filter", MFD_CLOEXEC);
    if (fd < 0 || write(fd, f, n * sizeof f[0]) < 0 ||
        lseek(fd, 0, SEEK_SET) < 0)
        return -1;
    return fd;
}
