# SPDX-License-Identifier: MIT
# repair.py -- puts the counters right in the forked child of a running box64.
# A gdb script; ../repro/watch runs it (`make box64-repair`).  Book: chapter 6.
#
#     gdb -batch -p PID -ex 'python probe = "build/box64-lab/probe"' \
#         -x box64-lab/gdb/repair.py
#
# The rule is that of ../dynarec/inuse.c: one thread is left; each block that it
# holds has left a word on its stack, a place inside the block's code; so
# in_used becomes the smaller of what it is and the number of such words.  The
# blocks come from the probe.  The stack is easy to find on arm64 itself.  Under
# qemu, gdb sees qemu: the registers of the arm64 processor are a structure in
# qemu's memory, which is found by what has to be true of it.
#
# `python rule = "zero"` before it applies the obvious rule instead.

import array
import json
import subprocess

import gdb

try:
    probe
except NameError:
    probe = "build/box64-lab/probe"
try:
    rule
except NameError:
    rule = "scan"

ADDRESS = 0x0000ffffffffffff    # what pointer authentication leaves alone
# From the start of qemu's CPUARMState: 16 words of 32 bits for another
# processor mode, then x0 to x30, sp, pc.
STATE_SP = 64 + 8 * 31


def maps(pid):
    """The mappings of the process: (start, end, permissions, path)."""
    out = []
    with open("/proc/%d/maps" % pid) as f:
        for line in f:
            part = line.split(None, 5)
            start, end = (int(x, 16) for x in part[0].split("-"))
            path = part[5].strip() if len(part) > 5 else ""
            if (out and out[-1][1] == start and not path and not out[-1][3]
                    and out[-1][2][0] == part[1][0]):
                start = out.pop()[0]    # qemu's write protection splits them
            out.append((start, end, part[1], path))
    return out


def words(start, end):
    """All words of the process's memory from start to end."""
    data = gdb.selected_inferior().read_memory(start, (end - start) // 8 * 8)
    a = array.array("Q")
    a.frombytes(bytes(data))
    return a


def holding(all_maps, address):
    for m in all_maps:
        if m[0] <= address < m[1]:
            return m
    return None


def qemu_states(all_maps):
    """Places in qemu's memory that look like an arm64 processor's state."""
    stacks = [m for m in all_maps
              if not m[3] and m[2].startswith("rw") and m[0] < 1 << 40]
    code = [m for m in all_maps if m[3].startswith("/") and m[0] < 1 << 40]
    low = min(m[0] for m in stacks)
    high = max(m[1] for m in stacks)
    for m in all_maps:
        if m[0] < 1 << 40 or not m[2].startswith("rw") or m[3][:2] == "[v":
            continue
        if m[3] not in ("", "[heap]") or m[1] - m[0] > 64 << 20:
            continue
        w = words(m[0], m[1])
        for i in range(29 + 8, len(w) - 1):
            sp = w[i]
            if sp < low or sp >= high or sp % 16:
                continue
            if not holding(code, w[i + 1] & ADDRESS):
                continue    # no program counter next to it
            stack = holding(stacks, sp)
            if stack and sp <= w[i - 2] < stack[1]:
                yield m[0] + 8 * i - STATE_SP, sp, stack


def live_stack(all_maps):
    """(sp, top) of the arm64 stack of the only thread."""
    if "aarch64" in gdb.selected_frame().architecture().name():
        sp = int(gdb.parse_and_eval("(unsigned long)$sp"))
        return sp, holding(all_maps, sp)[1]
    # Dead threads have left their states behind; the living one's is what
    # qemu's own stack points to.
    host = int(gdb.parse_and_eval("(unsigned long)$sp"))
    pointers = words(host // 8 * 8, holding(all_maps, host)[1])
    best = None
    for state, sp, stack in qemu_states(all_maps):
        n = pointers.count(state)
        if n and (best is None or n > best[0]):
            best = (n, sp, stack[1])
    if best is None:
        raise gdb.GdbError("repair: no arm64 processor found in this qemu; "
                           "nothing was changed")
    return best[1], best[2]


def repair():
    inferior = gdb.selected_inferior()
    pid = inferior.pid
    seen = json.loads(subprocess.check_output([probe, "--json", str(pid)]))
    offset = 16 if seen["layout"] == "0.4.3-3" else 24
    found = {}
    if rule == "scan":
        sp, top = live_stack(maps(pid))
        places = [w & ADDRESS for w in words(sp // 8 * 8, top)]
        print("repair: %d words on the stack, from 0x%x to 0x%x"
              % (len(places), sp, top))
        for b in seen["blocks"]:
            code, end = b["code"], b["code"] + b["native_size"]
            found[b["block"]] = sum(code < w < end for w in places)
    print("%-28s %8s %8s %8s" % ("function", "in_used", "on stack", "now"))
    for b in seen["blocks"]:
        now = min(b["in_used"], found.get(b["block"], 0))
        if b["in_used"] == 0:
            continue
        print("%-28s %8d %8d %8d" % (b["function"] or hex(b["guest"]),
                                     b["in_used"], found.get(b["block"], 0),
                                     now))
        if now != b["in_used"]:
            inferior.write_memory(b["block"] + offset,
                                  now.to_bytes(4, "little"))


repair()
