# SPDX-License-Identifier: MIT
# room.sed -- have do_fork() say, for every tenth process, how many frames are
# in use.
s/^    ready_put(child);/    int alive = 0;\
    for (struct proc *p = procs; p < procs + NPROC; p++)\
        alive += p->state != UNUSED;\
    if (alive % 10 == 0)\
        klog("%3d processes, %5lu frames", alive, frames_total - frames_free);\
&/
