# SPDX-License-Identifier: MIT
# kernel.py -- gdb commands that know the kernel: ps, runq, tf, pt, sharers,
# vmdiff.  Loaded by `make gdb`; `help user-defined` lists them.  They only
# read memory, so they work wherever the machine has stopped, once the kernel
# has set up its page tables.
import struct

import gdb

PAGE = 4096
DIRECT_BASE = 0xFFFF888000000000
USER_TOP = 0x00007FFFFFFFF000
FRAME = 0x000FFFFFFFFFF000
FLAGS = [
    (1 << 0, "P", "present"),
    (1 << 1, "W", "may be written"),
    (1 << 2, "U", "the user's"),
    (1 << 5, "A", "was used"),
    (1 << 6, "D", "was written"),
    (1 << 9, "COW", "may be written after a copy"),
    (1 << 10, "SHARED", "MAP_SHARED: never copied"),
    (1 << 63, "NX", "may not be executed"),
]


def physical(pa, size):
    """Bytes of physical memory, read where the kernel sees it."""
    memory = gdb.selected_inferior().read_memory(DIRECT_BASE + pa, size)
    return bytes(memory)


def table(pa):
    return struct.unpack("<512Q", physical(pa, PAGE))


def value(text):
    return gdb.parse_and_eval(text)


def number(v):
    return int(v) & 0xFFFFFFFFFFFFFFFF


def flags(entry):
    return " ".join(name for bit, name, _ in FLAGS if entry & bit)


def procs():
    """Every process in use."""
    for i in range(number(value("sizeof(procs) / sizeof(procs[0])"))):
        p = value("procs[%d]" % i)
        if str(p["state"]) != "UNUSED":
            yield p


def find_proc(text):
    """The process with this pid; the running one for an empty string."""
    if not text.strip():
        if number(value("current")) == 0:
            raise gdb.GdbError("no process runs yet")
        return value("*current")
    pid = number(value(text))
    for p in procs():
        if int(p["pid"]) == pid:
            return p
    raise gdb.GdbError("there is no process %d; `ps` lists them" % pid)


def space(p):
    if number(p["vm"]) == 0:
        raise gdb.GdbError("process %d has no memory" % int(p["pid"]))
    return p["vm"].dereference()


def pages(p):
    """All user pages of a process: (address, entry)."""
    def walk(pa, level, base):
        for i, e in enumerate(table(pa)):
            if not e & 1 or (level == 3 and i >= 256):
                continue
            va = base + (i << (12 + 9 * level))
            if level == 0:
                yield va, e
            else:
                yield from walk(e & FRAME, level - 1, va)
    yield from walk(number(space(p)["pml4"]), 3, 0)


def refs(pa):
    return int(value("refs[%d]" % (pa // PAGE)))


class Command(gdb.Command):
    """A command whose help text is its class's."""

    def __init__(self):
        super().__init__(self.name, gdb.COMMAND_USER)

    def invoke(self, arg, from_tty):
        try:
            self.run(arg)
        except gdb.MemoryError as e:
            raise gdb.GdbError("%s.  Has the kernel set up its memory yet?  At "
                               "the machine's start it has not: `continue` to "
                               "a breakpoint first" % e)


class Ps(Command):
    """ps: all processes, with their state and where they are in user mode."""
    name = "ps"

    def run(self, arg):
        print("  PID  PPID STATE     PAGES NAME             USER RIP")
        running = number(value("current"))
        for p in procs():
            parent = p["parent"]
            ppid = int(parent["pid"]) if number(parent) else 0
            vm = p["vm"]
            count = int(vm["pages"]) if number(vm) else 0
            print("%5d %5d %-8s %6d %-16s 0x%x%s" % (
                int(p["pid"]), ppid, p["state"], count, p["name"].string(),
                number(p["tf"]["rip"]),
                "  <- current" if number(p.address) == running else ""))


class Runq(Command):
    """runq: who is ready to run, in order."""
    name = "runq"

    def run(self, arg):
        p, n = value("ready_first"), 0
        while number(p):
            print("%d: process %d (%s)" % (n, int(p["pid"]),
                                           p["name"].string()))
            p, n = p["next"], n + 1
        if n == 0:
            print("nobody is ready")


class Tf(Command):
    """tf [PID]: the registers that a process goes back to user mode with."""
    name = "tf"

    def run(self, arg):
        p = find_proc(arg)
        tf = p["tf"].dereference()
        print("trap frame of process %d at 0x%x" % (int(p["pid"]),
                                                   number(p["tf"])))
        names = [f.name for f in tf.type.fields()]
        for i in range(0, len(names), 3):
            print("  ".join("%-7s %-18s" % (n, hex(number(tf[n])))
                            for n in names[i:i + 3]).rstrip())


class Pt(Command):
    """pt ADDRESS [PID]: the walk through a process's page tables.

The frame it ends at is in $frame afterwards."""
    name = "pt"

    def run(self, arg):
        words = gdb.string_to_argv(arg)
        if not words:
            raise gdb.GdbError("pt ADDRESS [PID]")
        va = number(value(words[0]))
        p = find_proc(words[1] if len(words) > 1 else "")
        pa = number(space(p)["pml4"])
        print("process %d, address 0x%x" % (int(p["pid"]), va))
        for level in range(3, -1, -1):
            index = va >> (12 + 9 * level) & 511
            entry = table(pa)[index]
            print("level %d: table 0x%x, entry %3d: 0x%016x  %s"
                  % (level, pa, index, entry, flags(entry)))
            if not entry & 1:
                print("not mapped: a page fault")
                return
            pa = entry & FRAME
            if level == 1 and entry & 0x80:
                print("a page of 2 MiB")
                break
        for bit, name, text in FLAGS:
            if entry & bit:
                print("  %-6s %s" % (name, text))
        if not entry & 2:
            print("  not W: a write faults%s" % (
                ", and copies" if entry & 1 << 9 else ""))
        print("frame 0x%x, %d reference(s)" % (pa, refs(pa)))
        gdb.set_convenience_variable("frame", pa)


class Sharers(Command):
    """sharers ADDRESS: who maps the frame at a physical address, and how."""
    name = "sharers"

    def run(self, arg):
        pa = number(value(arg)) & FRAME
        found = 0
        for p in procs():
            if number(p["vm"]) == 0:
                continue
            for va, e in pages(p):
                if e & FRAME == pa:
                    found += 1
                    print("process %d (%s) at 0x%x: %s" % (
                        int(p["pid"]), p["name"].string(), va, flags(e)))
        print("frame 0x%x: count %d, %d found in page tables"
              % (pa, refs(pa), found))


class Vmdiff(Command):
    """vmdiff PID PID: where two address spaces differ, page by page."""
    name = "vmdiff"

    def run(self, arg):
        words = gdb.string_to_argv(arg)
        if len(words) != 2:
            raise gdb.GdbError("vmdiff PID PID")
        a, b = (dict(pages(find_proc(w))) for w in words)
        shared = 0
        for va in sorted(set(a) | set(b)):
            x, y = a.get(va), b.get(va)
            if x is None or y is None:
                print("0x%012x only in process %s: %s" % (
                    va, words[0] if y is None else words[1], flags(x or y)))
            elif x & FRAME == y & FRAME:
                shared += 1
            else:
                same = physical(x & FRAME, PAGE) == physical(y & FRAME, PAGE)
                print("0x%012x two frames, %s: 0x%x %s | 0x%x %s" % (
                    va, "equal content" if same else "different content",
                    x & FRAME, flags(x), y & FRAME, flags(y)))
        print("%d page(s) in the same frame" % shared)


for command in (Ps, Runq, Tf, Pt, Sharers, Vmdiff):
    command()
