// SPDX-License-Identifier: MIT
// machine.h -- where the figures come from; see machine.c.
#pragma once

struct machine {
    char cpu[128], kernel[256], thp[64], thp_defrag[96], load[32];
    long cores;         // that are online
    int pinned;         // the core measured on
    long memory_mb, available_mb, swap_mb;
    int overcommit;     // /proc/sys/vm/overcommit_memory, or -1
    long commit_limit_mb, committed_mb;
};

void machine_look(struct machine *m);
