# SPDX-License-Identifier: MIT
# screen.py -- what a class sees of a session: one step a screen, from 80x24
# up to a projector's.  Draws what player.py gives it, and reads keys.

import os
import re
import select
import signal
import termios
import textwrap
import tty

REVERSE, BOLD, DIM, RED, GREEN, YELLOW, CYAN = (
    "\033[7m", "\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[33m",
    "\033[36m")
RESET = "\033[0m"
WIDE = 120   # columns from which source and registers stand beside the rest
PROSE = 96   # no longer line of narration, however wide the wall


class Resized(Exception):
    pass


def width_of(text):
    return len(re.sub(r"\033\[\d*m", "", text))


def wrap(text, width, first="", rest=None):
    rest = " " * len(first) if rest is None else rest
    return textwrap.wrap(text, width, initial_indent=first,
                         subsequent_indent=rest, break_on_hyphens=False) \
        or [first]


def markup(lines, base=""):
    """`code` and **strong**, also where they go over a line's end."""
    on = {"**": False, "`": False}
    styled = []
    for line in lines:
        s = base
        s += (BOLD if on["**"] else "") + (CYAN if on["`"] else "")
        for part in re.split(r"(\*\*|`)", line):
            if part in on and (part == "`" or not on["`"]):
                on[part] = not on[part]
                s += RESET + base + (BOLD if on["**"] else "") \
                    + (CYAN if on["`"] else "")
            else:
                s += part
        styled.append(s + RESET)
    return styled


def hard_wrap(text, width):
    """A line of output, cut where the terminal ends."""
    return [text[i:i + width] for i in range(0, len(text), width)] or [""]


def layout(blocks, width, dense=False):
    """Lines for [(kind, text)]; dense: no empty lines among gdb's."""
    prose = min(width, PROSE)
    lines = []
    was = None
    for kind, text in blocks:
        # An empty line between paragraphs, none within a list or a run of
        # commands.
        if was and kind not in ("output",) and \
                not (kind == was and kind in ("item", "look")) and \
                not (kind == "command" and was == "command") and \
                not (dense and kind in ("command", "pane")):
            lines.append("")
        was = kind
        if kind == "text":
            lines += markup(wrap(text, prose))
        elif kind == "item":
            lines += markup(wrap(text, prose, " - "))
        elif kind == "ask":
            lines += markup(wrap(text, prose, " ? "), YELLOW)
        elif kind == "look":
            lines += markup(wrap(text, prose, "look: "), YELLOW)
        elif kind == "command":
            for i, s in enumerate(text.split("\n")):
                lines += [GREEN + BOLD + w + RESET for w in
                          hard_wrap(("(gdb) " if i == 0 else "> ") + s, width)]
        elif kind == "output":
            for s in text.split("\n"):
                if s or not dense:
                    lines += hard_wrap(s, width)
        elif kind == "note":
            lines += [DIM + w + RESET for w in wrap(text, prose)]
        elif kind == "wrong":
            for s in text.split("\n"):
                lines += [RED + w + RESET for w in hard_wrap(s, width)]
        elif kind == "pane":
            lines += pane(text, width)
    return lines


def pane(text, width):
    title, *rows = text.split("\n")
    lines = [DIM + ("--- " + title + " " + "-" * width)[:width] + RESET]
    for row in rows:
        row = row[:width]
        mark = row.startswith(("=>", "*"))
        lines.append(BOLD + row + RESET if mark else row)
    return lines


def left_of(columns):
    """Where the right half begins: gdb's lines of 80 first of all."""
    return max(columns * 11 // 20, min(82, columns - 48))


class Screen:
    def __init__(self):
        self.fd = os.open("/dev/tty", os.O_RDWR)
        self.tty_state = termios.tcgetattr(self.fd)
        self.open()

    def open(self):
        signal.signal(signal.SIGWINCH, self.resized)
        self.waiting = False
        self.keys()

    def keys(self):
        """Keys one by one, Ctrl-C a key like others.

        Also wanted after each command: gdb sets the terminal back to what it
        was when gdb started, wherever a program stops.
        """
        raw = termios.tcgetattr(self.fd)
        raw[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG)
        raw[0] &= ~termios.ICRNL
        raw[6][termios.VMIN], raw[6][termios.VTIME] = 1, 0
        termios.tcsetattr(self.fd, termios.TCSADRAIN, raw)

    def lines(self):
        """As a terminal is: Ctrl-C interrupts what runs."""
        termios.tcsetattr(self.fd, termios.TCSADRAIN, self.tty_state)

    def resized(self, *_):
        if self.waiting:
            raise Resized()

    def close(self):
        self.lines()
        signal.signal(signal.SIGWINCH, signal.SIG_DFL)

    def size(self):
        try:
            columns, rows = os.get_terminal_size(self.fd)
        except OSError:
            columns, rows = 80, 24
        return max(columns or 80, 40), max(rows or 24, 10)

    def write(self, text):
        data = text.encode("utf-8", "replace")
        while data:
            data = data[os.write(self.fd, data):]

    def key(self):
        """One key: a character, or left, right, up, down, eof."""
        try:
            self.waiting = True
            select.select([self.fd], [], [])
            self.waiting = False
            data = os.read(self.fd, 1)
            if data == b"\033":
                # The rest of an arrow key comes with it; Escape comes alone.
                while len(data) < 3 and \
                        select.select([self.fd], [], [], 0.02)[0]:
                    data += os.read(self.fd, 1)
        finally:
            self.waiting = False
        names = {b"": "eof", b"\004": "eof", b"\003": "q", b"\r": "enter",
                 b"\n": "enter", b" ": "enter", b"\033[C": "enter",
                 b"\033[B": "enter", b"\033[D": "b", b"\033[A": "b",
                 b"\177": "b", b"\b": "b"}
        return names.get(data, data.decode("ascii", "ignore"))

    def frame(self, head, body, foot, right=None):
        """One whole screen: bar, lines, keys on the last line."""
        columns, rows = self.size()
        left, end = head
        room = columns - len(end) - 2
        bar = " " + left[:room - 1].ljust(room) + end + " "
        out = ["\033[H\033[2J", REVERSE, bar[:columns], RESET, "\r\n"]
        if right:
            split = left_of(columns)
            for i in range(max(len(body), len(right))):
                a = body[i] if i < len(body) else ""
                b = right[i] if i < len(right) else ""
                out += [a, " " * max(0, split - width_of(a)), RESET, b,
                        "\r\n"]
        else:
            for line in body:
                out += [line, "\r\n"]
        out += ["\033[%d;1H" % rows, DIM, foot[:columns - 1], RESET]
        self.write("".join(out))

    def show(self, head, title, blocks, foot, more, keep=None):
        """Draw a step; page it where it is longer than the screen.

        `keep` says which blocks stay where not all fit; `more` is the foot
        of every page but the last.  Returns the key that was pressed.
        """
        while True:
            try:
                return self.pages(head, title, blocks, foot, more, keep)
            except Resized:
                continue

    def pages(self, head, title, blocks, foot, more, keep):
        columns, rows = self.size()
        room = rows - 4  # the bar, the title, the line under it, the keys
        right = None
        top = markup([title], BOLD) + [""]
        if columns >= WIDE:
            side = [b for b in blocks if b[0] == "pane"]
            width = left_of(columns) - 2
            right = [""] * 2
            latest = {}
            for _, text in side:  # of several, the state at the end
                latest[text.split()[0].rstrip(":")] = text
            for text in latest.values():
                right += pane(text, columns - width - 3) + [""]
            if len(right) - 2 > room + 1 or not side:
                right = None
        if right:
            blocks = [b for b in blocks if b[0] != "pane"]
        else:
            width = columns
        lines = layout(blocks, width)
        if len(lines) > room and keep:
            blocks = [b for b in blocks if keep(b)]
            lines = layout(blocks, width)
        if len(lines) > room:
            lines = layout(blocks, width, dense=True)
        while len(lines) > room:
            self.frame(head, top + lines[:room], more, right)
            key = self.key()
            if key != "enter":
                return key
            # Two lines again, not to lose the thread; the last page is full,
            # so that what `look` speaks of stands above it.
            lines = lines[min(room - 2, len(lines) - room):]
            while lines and not lines[0]:
                lines.pop(0)
        self.frame(head, top + lines, foot, right)
        return self.key()

    def ask(self, prompt):
        """A line typed at the foot."""
        _, rows = self.size()
        text = ""
        while True:
            self.write("\033[%d;1H\033[2K%s%s" % (rows, prompt, text))
            try:
                key = self.key()
            except Resized:
                continue
            if key in ("enter", "eof", "q", "\033"):
                return text if key == "enter" else ""
            if key == "b":
                text = text[:-1]
            elif key.isdigit():
                text += key
