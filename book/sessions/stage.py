# SPDX-License-Identifier: MIT
# stage.py -- gdb's side of a session: run commands, keep what they print,
# start and end the target, notice what is left behind.  Runs inside gdb.

import contextlib
import gdb
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import tty
import warnings

MARK = "RETURNS_TWICE_SESSION"
NOISE = re.compile(
    r"^(warning: Unable to find libthread_db matching .*"
    r"|warning: Error disabling address space randomization: .*)$\n?", re.M)


class Failure(Exception):
    """An expectation, or a command, that did not hold: file:line: why."""


@contextlib.contextmanager
def uninterrupted():
    """A ^C meanwhile is a KeyboardInterrupt afterwards; gives the old mask."""
    was = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield was
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, was)


class Capture:
    """A terminal whose reader keeps what gdb and its programs print.

    gdb's own output goes there during a command, the programs' always, so
    that the two come in the order in which a person would see them.  A child
    reads the other end all the time: no output, however long, can stop gdb.
    """

    def __init__(self):
        master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        import fcntl
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 24, 80, 0, 0))
        self.name = os.ttyname(self.slave)
        self.count = 0
        self.stdout, self.stderr = os.dup(1), os.dup(2)
        self.pipe, out = os.pipe()
        warnings.simplefilter("ignore")  # fork() in a threaded process: of
        pid = os.fork()                  # all books this one knows; the child
        if pid == 0:                     # below only reads and writes
            try:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                os.close(self.slave)
                os.close(self.pipe)
                self.drain(master, out)
            finally:
                os._exit(0)
        os.close(master)
        os.close(out)
        self.reader = pid

    def drain(self, master, out):
        data, through = b"", False
        while True:
            try:
                data += os.read(master, 65536)
            except OSError:  # EIO: every writer is gone
                return
            while True:
                m = re.search(rb"\0(keep|through)\0", data)
                if not m:
                    break
                text, data = data[:m.start()], data[m.end():]
                if through:
                    os.write(self.stdout, text)
                    text = b""
                through = m[1] == b"through"
                block = struct.pack("I", len(text)) + text
                while block:
                    block = block[os.write(out, block):]
            if through and b"\0" not in data:
                os.write(self.stdout, data)
                data = b""

    def take(self, mode=b"keep"):
        """All that was printed since the last call."""
        with uninterrupted():  # half an answer read would spoil the next
            gdb.flush()
            os.write(self.slave, b"\0" + mode + b"\0")
            size = struct.unpack("I", self.exactly(4))[0]
            return self.exactly(size).decode("utf-8", "replace")

    def exactly(self, n):
        data = b""
        while len(data) < n:
            more = os.read(self.pipe, n - len(data))
            if not more:
                raise Failure("the reader of the sessions' terminal is gone")
            data += more
        return data

    def __enter__(self):
        gdb.flush()
        os.dup2(self.slave, 1)
        os.dup2(self.slave, 2)
        return self

    def __exit__(self, *_):
        gdb.flush()
        os.dup2(self.stdout, 1)
        os.dup2(self.stderr, 2)


class Stage:
    """A session being played in this gdb."""

    def __init__(self, session, scratch):
        self.session, self.scratch = session, scratch
        self.values = {}    # what expectations captured
        self.registers = {}  # as last shown
        self.target = None
        self.held = 0       # expectations that were true
        self.redirect = self.program_dir = ""
        self.environment = {
            "SCRATCH": scratch, "SOCKET": scratch + "/gdb.sock",
            "CONSOLE": scratch + "/console",
        }
        os.environ.update(self.environment)
        self.capture = Capture()

    # ---- before the first step ----

    def begin(self):
        head = self.session.head
        here = os.path.dirname(self.session.path)
        self.quiet("source %s/settings.gdb" %
                   os.path.dirname(os.path.abspath(__file__)))
        for line in head.get("before", []):
            r = subprocess.run(line, shell=True, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
            if r.returncode:
                raise Failure("%s:1: before: `%s` ended with %d\n%s" % (
                    self.session.path, line, r.returncode, r.stdout[-500:]))
        program = self.expand(head.get("program", ""))
        if program:
            if not os.path.exists(program):
                raise Failure("%s:1: no program %s; `make` builds it" % (
                    self.session.path, program))
            self.quiet('file "%s"' % program)
            if not os.path.isabs(program):
                self.program_dir = os.path.dirname(
                    os.path.abspath(program)) + "/"
        if "target" in head:
            self.start_target(head)
        else:
            # Not gdb's inferior-tty: with it a program leads a session, and
            # its orphans get a SIGHUP that they don't get under plain gdb.
            self.redirect = "<{0} >{0} 2>&1".format(self.capture.name)
            args = self.expand(head.get("args", ""))
            self.quiet("set args " + (args + " " + self.redirect).strip())
            self.quiet("set environment %s %s" % (MARK, self.scratch))
        for line in head.get("set", []):
            self.quiet("set " + self.expand(line))

    def start_target(self, head):
        console = open(self.environment["CONSOLE"], "ab")
        # It dies with gdb, whatever gdb dies of; a ^C at the terminal is for
        # gdb alone, which stops the target.
        self.target = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "sh", "-c",
             "exec " + head["target"]],
            stdin=subprocess.DEVNULL, stdout=console, stderr=console,
            start_new_session=True)
        console.close()
        connect = self.expand(head.get("connect", "target remote $SOCKET"))
        gone = os.pidfd_open(self.target.pid)
        end = time.monotonic() + 120
        while True:
            why = self.execute(connect)[1]
            if not why:
                break
            if why == "interrupted":
                raise KeyboardInterrupt
            # Wait for the target's end, and for a moment at most.
            if select.select([gone], [], [], 0.02)[0]:
                why = "the target ended with %d" % self.target.wait()
            elif time.monotonic() < end:
                continue
            with open(self.environment["CONSOLE"], errors="replace") as f:
                raise Failure("%s:1: target: %s\n%s" % (
                    self.session.path, why, f.read()[-500:]))
        os.close(gone)

    def quiet(self, command):
        output, error = self.execute(command)
        if error:
            raise Failure("%s:1: `%s`: %s" % (
                self.session.path, command, error))
        return output

    # ---- commands ----

    def expand(self, text):
        for name, value in self.environment.items():
            text = re.sub(r"\$%s\b" % name, lambda _: value, text)
        return text

    def fill(self, text, quote=lambda s: s):
        """Put captured values in the place of {name}."""
        for name, value in self.values.items():
            text = text.replace("{%s}" % name, quote(value))
        return text

    def clean(self, text):
        text = text.replace("\r", "").expandtabs(8)
        text = NOISE.sub("", text)
        if self.redirect:
            text = text.replace(" " + self.redirect, "")
        for path in (self.program_dir, os.getcwd() + "/"):
            if path:
                text = re.sub(r"(?<![\w/])" + re.escape(path), "", text)
        for name, value in self.environment.items():
            if name != "SCRATCH":
                text = text.replace(value, "$" + name)
        text = text.replace(self.scratch, "$SCRATCH")
        lines = [s.rstrip() for s in text.split("\n")]
        while lines and not lines[-1]:
            lines.pop()
        while lines and not lines[0]:
            lines.pop(0)
        return "\n".join(lines)

    def execute(self, command):
        """(output, error) of one gdb command; error is None if it worked."""
        command = self.expand(command)
        run = re.match(r"(r|run|start)\s+(.*)", command)
        if self.redirect and run:
            # Ours first: what the command itself redirects is redirected last.
            command = "%s %s %s" % (run[1], self.redirect, run[2])
        error = None
        gdb.set_convenience_variable("_shell_exitcode", 0)
        with uninterrupted() as mask:
            with self.capture:
                try:
                    try:
                        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
                        gdb.execute(command, True, False)
                    finally:
                        signal.pthread_sigmask(signal.SIG_BLOCK,
                                               {signal.SIGINT})
                except gdb.error as e:
                    error = str(e)
                except KeyboardInterrupt:
                    error = "interrupted"
            output = self.clean(self.capture.take())
        code = gdb.convenience_variable("_shell_exitcode")
        if error is None and code is not None and int(code) != 0:
            error = "the shell command ended with %d" % int(code)
        return output, error and self.clean(error)

    def play(self, step, emit):
        """Run a step's commands; emit(kind, text) as they come.

        What does not hold is returned as messages; the step goes on.
        """
        failures, output, errors, item_at = [], "", None, None

        def settle():
            if errors:
                failures.append("%s:%d: `%s` fails: %s" % (
                    self.session.path, item_at.line, item_at.text, errors))

        for item in step.items:
            if item.kind == "command":
                settle()
                item_at = item
                emit("command", self.fill(item.text))
                output, errors = self.execute(self.fill(item.text))
                shown = "\n".join(s for s in (output, errors) if s) \
                    if errors and not errors.startswith("the shell command") \
                    else output
                if shown:
                    emit("output", shown)
            elif item.kind == "expect":
                why = self.check(item, output, errors)
                if item.want == "error":
                    errors = None
                if why:
                    failures.append("%s:%d: %s" % (
                        self.session.path, item.line, why))
                else:
                    self.held += 1
            elif item.kind == "source":
                emit("pane", self.source(int(item.text)))
            elif item.kind == "registers":
                emit("pane", self.show_registers(item.text.split()))
            else:
                emit(item.kind, item.text)
        settle()
        return failures

    def check(self, item, output, error):
        regex = self.fill(item.text, re.escape)
        if item.want == "error":
            if error is None:
                return "expected an error /%s/, and the command worked:\n%s" \
                    % (regex, quoted(output))
            output = error
        m = re.search(regex, output, re.M)
        if item.want == "not":
            return m and "did not expect /%s/:\n%s" % (regex, quoted(output))
        if not m:
            return "expected /%s/, got:\n%s" % (regex, quoted(output))
        for name, value in m.groupdict().items():
            self.values[name] = value
        return None

    # ---- panes ----

    def source(self, count):
        try:
            frame = gdb.selected_frame()
            sal = frame.find_sal()
            name = sal.symtab and sal.symtab.filename
            if name and sal.line and os.path.exists(sal.symtab.fullname()):
                with open(sal.symtab.fullname(), errors="replace") as f:
                    lines = f.read().expandtabs(8).split("\n")[:-1]
                first = max(1, min(sal.line - count // 2,
                                   len(lines) - count + 1))
                rows = ["%s%4d  %s" % ("=>" if n == sal.line else "  ", n,
                                       lines[n - 1])
                        for n in range(first, first + count)
                        if n <= len(lines)]
                title = "source %s:%d" % (self.clean(name), sal.line)
            else:
                rows = [("%s%#x  %s" % ("  " if i else "=>", d["addr"],
                                        d["asm"])).expandtabs(8)
                        for i, d in enumerate(
                            frame.architecture().disassemble(
                                frame.pc(), count=count))]
                title = "source: instructions in %s" % (frame.name() or "??")
        except gdb.error as e:
            return "source: " + str(e)
        return "\n".join([title] + [r.rstrip() for r in rows])

    def show_registers(self, names):
        rows = []
        for name in names:
            try:
                line = gdb.execute("info registers " + name, False, True)
            except gdb.error as e:
                return "registers: " + str(e)
            value = " ".join(line.expandtabs(1).split()[1:])
            # "0x1149 0x1149 <main+4>" says the same twice.
            value = re.sub(r"^(\S+) (?=\1(\s|$))", "", value)
            was = self.registers.get(name)
            self.registers[name] = value
            rows.append("%s %-8s %s" % (
                "*" if was not in (None, value) else " ", name, value))
        return "\n".join(["registers"] + rows)

    # ---- the end ----

    def end(self):
        """Messages about what the session left behind; ends all of it."""
        where = "%s:%d" % (self.session.path, self.session.steps[-1].line)
        left = []
        for inf in gdb.inferiors():
            remote = getattr(inf.connection, "type", "native") != "native"
            if inf.pid and not remote:
                left.append("%s: at the end, inferior %d (process %d) still "
                            "lives: end it, or `kill inferiors %d`"
                            % (where, inf.num, inf.pid, inf.num))
        self.kill_all()
        for pid, name in self.strays():
            left.append("%s: at the end, process %d (%s), which gdb let go, "
                        "still lives" % (where, pid, name))
        return left

    def kill_all(self):
        for inf in gdb.inferiors():
            if inf.pid and not self.target:
                self.execute("kill inferiors %d" % inf.num)
        if self.target:
            self.execute("disconnect")
            self.target.kill()
            self.target.wait()
            self.target = None

    def strays(self):
        """Processes of this session that gdb no longer holds.

        One that is about to end gets ten seconds for that; then it is killed.
        """
        mark = ("%s=%s" % (MARK, self.scratch)).encode()
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if mark not in environment(pid).split(b"\0"):
                    continue
                fd = os.pidfd_open(int(pid))
                with open("/proc/%s/comm" % pid) as f:
                    name = f.read().strip()
            except OSError:  # not ours, or gone meanwhile
                continue
            if not select.select([fd], [], [], 10)[0]:
                signal.pidfd_send_signal(fd, signal.SIGKILL)
                found.append((int(pid), name))
            os.close(fd)
        return found


def environment(pid, proc="/proc", nap=time.sleep):
    """The environment of a process, as /proc has it; b"" if there is none.

    In the middle of its execve a process has none yet.  It runs then, or waits
    for a disk, and is asked again for ten seconds.  OSError: it has ended.
    """
    of = "%s/%s/" % (proc, pid)
    for _ in range(10000):
        with open(of + "environ", "rb") as f:
            text = f.read()
        with open(of + "stat") as f:
            state = f.read().rpartition(")")[2].split()[0]
        if text or state not in "RD":
            break
        os.readlink(of + "exe")  # the kernel's own threads have none
        nap(0.001)
    return text


def quoted(text):
    return "\n".join("    " + s for s in text.split("\n")[:12])
