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
import collections
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
# In qemu's CPUARMState: 16 registers of 32 bits for another mode of the
# processor, then x0 to x30, sp, pc.
STATE_SP = 64 + 8 * 31


class Map:
    def __init__(self, line):
        part = line.split(None, 5)
        self.start, self.end = (int(x, 16) for x in part[0].split("-"))
        self.perms = part[1]
        self.path = part[5].strip() if len(part) > 5 else ""

    def holds(self, address):
        return self.start <= address < self.end


def maps(pid):
    with open("/proc/%d/maps" % pid) as f:
        return [Map(line) for line in f]


def holding(some_maps, address):
    for m in some_maps:
        if m.holds(address):
            return m
    return None


def is_arm64(pid, m):
    """A mapping of an arm64 program or library."""
    if not m.path.startswith("/"):
        return False
    try:
        with open("/proc/%d/root%s" % (pid, m.path), "rb") as f:
            head = f.read(20)
    except OSError:
        return False
    return head[:4] == b"\x7fELF" and head[18] == 183


def words(start, end):
    """All words of the process's memory from start to end."""
    data = gdb.selected_inferior().read_memory(start, (end - start) // 8 * 8)
    a = array.array("Q")
    a.frombytes(bytes(data))
    return a


def top_of_stack(pid, all_maps, sp):
    """The end of the mapping that sp is in.  The kernel may have merged it with
    what lies above, so at most as far as a stack may be long."""
    end = holding(all_maps, sp).end
    with open("/proc/%d/limits" % pid) as f:
        for line in f:
            limit = line[len("Max stack size"):].split()[0]
            if line.startswith("Max stack size") and limit.isdigit():
                end = min(end, sp + int(limit))
    return end


def arm64_sp(code, data, state):
    """sp, if this place in qemu's memory is an arm64 processor's state."""
    m = holding(data, state)
    if not m or state % 8 or state + STATE_SP + 16 > m.end:
        return None
    fp, _, sp, pc = words(state + STATE_SP - 16, state + STATE_SP + 16)
    stack = holding(data, sp)
    if (stack and sp % 16 == 0 and sp <= fp and stack.holds(fp)
            and not m.holds(sp) and holding(code, pc & ADDRESS)):
        return sp
    return None


def live_stack(pid, all_maps):
    """(sp, top) of the arm64 stack of the only thread."""
    host = int(gdb.parse_and_eval("(unsigned long)$sp"))
    if "aarch64" in gdb.selected_frame().architecture().name():
        return host, top_of_stack(pid, all_maps, host)
    # Dead threads have left their states behind; the living one's is what
    # qemu's own stack points to.
    code = [m for m in all_maps if is_arm64(pid, m)]
    data = [m for m in all_maps
            if m.path in ("", "[heap]") and m.perms.startswith("rw-")]
    best = None
    on_stack = words(host // 8 * 8, holding(all_maps, host).end)
    for state, n in collections.Counter(on_stack).items():
        sp = arm64_sp(code, data, state)
        if sp and (best is None or n > best[0]):
            best = (n, sp)
    if best is None:
        raise gdb.GdbError("repair: no arm64 processor found in this qemu; "
                           "nothing was changed")
    return best[1], top_of_stack(pid, all_maps, best[1])


def repair():
    inferior = gdb.selected_inferior()
    pid = inferior.pid
    seen = json.loads(subprocess.check_output([probe, "--json", str(pid)]))
    offset = 16 if seen["layout"] == "0.4.3-3" else 24
    found = {}
    held = [b for b in seen["blocks"] if b["in_used"] != 0]
    if rule == "scan" and held:
        sp, top = live_stack(pid, maps(pid))
        low = min(b["code"] for b in held)
        high = max(b["code"] + b["native_size"] for b in held)
        on_stack = words(sp // 8 * 8, top)
        print("repair: %d words on the stack, from 0x%x to 0x%x"
              % (len(on_stack), sp, top))
        places = [w & ADDRESS for w in on_stack if low < w & ADDRESS < high]
        for b in held:
            code, end = b["code"], b["code"] + b["native_size"]
            found[b["block"]] = sum(code < w < end for w in places)
    print("%-28s %8s %8s %8s" % ("function", "in_used", "on stack", "now"))
    for b in held:
        now = min(b["in_used"], found.get(b["block"], 0))
        print("%-28s %8d %8d %8d" % (b["function"] or hex(b["guest"]),
                                     b["in_used"], found.get(b["block"], 0),
                                     now))
        if now != b["in_used"]:
            inferior.write_memory(b["block"] + offset,
                                  now.to_bytes(4, "little"))


repair()
