# SPDX-License-Identifier: MIT
# keys.py -- play a session at a terminal of 80x24 as a person does, by keys.
# Run by `../run check` in gdb's Python; prints ok lines.

import fcntl
import os
import pty
import re
import signal
import struct
import sys
import termios

signal.signal(signal.SIGALRM, signal.SIG_DFL)
signal.alarm(60)
os.environ["TERM"] = "xterm"
ROWS, COLUMNS = 24, 80


class Terminal:
    """A person's terminal: what it shows since it was last cleared."""

    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns

    def start(self, *args):
        pid, self.fd = pty.fork()
        if pid == 0:
            os.execv("/bin/sh", ["sh", "book/sessions/run", "play"] +
                     list(args))
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", self.rows, self.columns, 0, 0))
        self.pid, self.data = pid, ""

    def until(self, regex):
        """Read on until the screen holds that; None at the end of all."""
        while True:
            m = re.search(regex, self.screen())
            if m:
                return m
            try:
                more = os.read(self.fd, 65536)
            except OSError:
                return None
            self.data += more.decode("utf-8", "replace")

    def screen(self):
        page = self.data.rsplit("\033[H\033[2J", 1)[-1]
        page = re.sub(r"\033\[(\d*m|\?\d+[hl]|\d*K)", "", page)
        return re.sub(r"\033\[[\d;]*H", "\n", page.replace("\r", ""))

    def fits(self):
        lines = re.sub(r"\n+\Z", "", self.screen()).split("\n")
        return len(lines) <= self.rows + 1 and \
            all(len(s) <= self.columns for s in lines)

    def press(self, key):
        self.data = ""
        os.write(self.fd, key.encode())

    def end(self):
        self.until(r"(?!)")
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test(name, ok, terminal=None):
    print("%s - keys: %s" % ("ok" if ok else "not ok", name))
    if not ok and terminal:
        for s in terminal.screen().split("\n"):
            print("# | " + s)
    sys.stdout.flush()


READY = r"Enter: (run|on|more|the end)  b: back .*\Z"
t = Terminal(ROWS, COLUMNS)
t.start("1", "follow", "1")
t.until(r"Enter: run")
ok, seen, steps = t.fits(), {1}, 0
for _ in range(200):
    t.press("\r")
    m = t.until(READY)
    ok = ok and m is not None and t.fits()
    if not ok:
        break
    n, steps = map(int, re.search(r"step (\d+) of (\d+)", t.screen()).groups())
    seen.add(n)
    if m[1] == "the end":
        break
test("Enter leads through every step, each in %dx%d" % (COLUMNS, ROWS),
     ok and seen == set(range(1, steps + 1)), t)
t.press("\r")
test("and out of the last one, with status 0", t.end() == 0, t)

t.start("1", "follow", "7")
t.until(r"Enter: run")
t.press("\r")
t.until(r"Enter: more")
t.press("\r")
t.until(r"Enter: on")
test("the last page is full: what `look` speaks of stands above it",
     re.search(r"= 41\n(.*\n)*.*= 40\n(.*\n)*look: two values", t.screen()),
     t)
t.press("q")
t.end()

t.start("1", "follow", "1")
t.until(r"Enter: run")
t.press("\r")
t.until(r"Enter: on")
test("the output is on the screen", "Detaching after fork" in t.screen(), t)
t.press("b")
t.until(r"Enter: run")
test("b asks again", "step 1 of" in t.screen(), t)
t.press("g")
t.until(r"go to step")
t.press("6\r")
t.until(r"Enter: run")
test("g goes to a step", "step 6 of" in t.screen(), t)
t.press("s")
t.until(r"\(gdb\) \Z")
t.press("info inferiors\r")
t.until(r"\n\(gdb\) \Z")
test("s: gdb's prompt, after five steps played unseen",
     re.search(r"\* 3 +process \d+", t.screen()), t)
t.press("resume\r")
t.until(r"Enter: run")
test("resume comes back", "step 6 of" in t.screen(), t)
t.press("b")
t.until(r"Enter: run")
test("b goes to the step before", "step 5 of" in t.screen(), t)
t.press("q")
t.until(r"Left at step 5")
test("q leaves, and says where", "Left at step 5 of follow" in t.screen(), t)
test("with status 0", t.end() == 0, t)
t.start("1")
t.until(r"Enter: run")
test("it goes on there", "Going on at step 5" in t.screen(), t)
fcntl.ioctl(t.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 132, 0, 0))
t.press("\r")
t.until(r"Enter: on")
test("in a wide terminal, registers stand beside the output",
     re.search(r"\S.* {3,}.*--- registers", t.screen()), t)
t.press("\003")
test("Ctrl-C leaves like q", t.end() == 0, t)
t.start("1", "no-such-session")
test("an unknown session is refused", t.end() == 66, t)
t.start("1", "follow", "14")
t.until(r"(?!)")
test("a step that is not there is refused",
     t.end() == 64 and "follow has steps 1 to 13" in t.screen(), t)
