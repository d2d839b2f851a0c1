# SPDX-License-Identifier: MIT
# rewind.py -- for gdb on a QEMU that replays a recorded run (rr=replay): going
# back, by an instruction (reverse-stepi) or to a place (back-to).  Book: chapter 4.
#
# A machine cannot run backwards.  It can be put back to the snapshot of its
# beginning and run forwards again, and since the run is a replay, to the very
# instruction.  QEMU's own reverse-continue does that, too, but hangs (7.2).
#
# QEMU says "stopped" while its processor thread is still on the way to its bed.
# Told to go back at that moment, it loads its snapshot with a lock in its hand
# that the thread needs, and both wait for ever (seen with 7.2).
# A thread that waits for a lock which has been given up is runnable; so where
# all threads sleep, twice in a row, nobody is on the way any more.
import os
import re
import time

import gdb

PATIENCE = 10       # seconds


def qemu_pid():
    """The process at the other end of gdb's connection."""
    connection = gdb.selected_inferior().connection
    if connection is None:
        raise gdb.GdbError("not connected")
    socket = connection.details
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as f:
                words = f.read().decode(errors="replace").split("\0")
        except OSError:
            continue
        if "qemu" in words[0] and any(socket in w for w in words):
            return pid
    raise gdb.GdbError("no QEMU has %s" % socket)


def asleep(pid):
    for task in os.listdir("/proc/%s/task" % pid):
        try:
            with open("/proc/%s/task/%s/stat" % (pid, task)) as f:
                if f.read().rpartition(")")[2].split()[0] != "S":
                    return False
        except OSError:
            pass        # it has just ended
    return True


class AtRest(gdb.Command):
    """Wait until QEMU has come to rest."""

    def __init__(self):
        super().__init__("at-rest", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        pid = qemu_pid()
        end = time.monotonic() + PATIENCE
        in_a_row = 0
        while in_a_row < 3:
            time.sleep(0.01)
            in_a_row = in_a_row + 1 if asleep(pid) else 0
            if time.monotonic() > end:
                raise gdb.GdbError("QEMU does not come to rest")


def instructions():
    """How many have been executed since the beginning."""
    text = gdb.execute("monitor info replay", to_string=True)
    return int(re.search(r"instruction count = (\d+)", text).group(1))


def to_the_beginning():
    gdb.execute("at-rest")
    gdb.execute("monitor loadvm init", to_string=True)
    gdb.execute("maintenance flush register-cache", to_string=True)


def go_on():
    """Continue, without a word about where it stops or by what."""
    # to_string would not keep gdb from saying that replay_break is a SIGINT.
    gdb.flush()
    terminal = os.dup(1)
    nowhere = os.open("/dev/null", os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        gdb.execute("continue", to_string=True)
        gdb.flush()
    finally:
        os.dup2(terminal, 1)
        os.close(terminal)
        os.close(nowhere)


def times_before(now):
    """How often the breakpoints are reached before instruction `now`."""
    to_the_beginning()
    gdb.execute("monitor replay_break %d" % now)
    times = -1
    at = 0
    while at < now:
        go_on()
        at = instructions()
        times += 1
    gdb.execute("monitor replay_delete_break", to_string=True)
    return times


class BackTo(gdb.Command):
    """back-to LOCATION [if CONDITION]: to when this was last reached."""

    def __init__(self):
        super().__init__("back-to", gdb.COMMAND_RUNNING,
                         gdb.COMPLETE_LOCATION)

    def invoke(self, argument, from_tty):
        where, _, condition = argument.partition(" if ")
        others = [b for b in gdb.breakpoints() if b.enabled]
        for b in others:
            b.enabled = False
        there = gdb.Breakpoint(where, internal=True)
        there.silent = True
        if condition:
            there.condition = condition
        now = instructions()
        times = times_before(now)
        if times > 0:
            to_the_beginning()
            for _ in range(times):
                go_on()
        there.delete()
        for b in others:
            b.enabled = True
        if times == 0:
            raise gdb.GdbError("%s has not been reached before" % where)
        print("%d instructions back" % (now - instructions()))
        gdb.execute("frame")


AtRest()
BackTo()
for name in ("reverse-stepi", "reverse-step", "reverse-next",
             "reverse-continue", "reverse-finish"):
    gdb.execute("define hook-%s\nat-rest\nend" % name)
