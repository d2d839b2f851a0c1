# SPDX-License-Identifier: MIT
# session.py -- read a .session file, write and compare its transcript.
# Knows nothing of gdb or of terminals; player.py does.  Form: README.md.

import os
import re

HEAD_KEYS = {
    "title", "program", "args", "order", "normalise", "needs", "set",
    "before", "target", "connect", "deadline", "uses",
    "fails",  # only in tests/: the message with which it has to fail
}
LISTS = {"set", "before"}  # one a line; the others are joined by a space
NORMALISERS = {"pid", "address", "time"}
# The words before a process's number, in gdb's lines and in /proc/*/status.
PID = re.compile(r"\b(process|LWP|[A-Za-z]*[Pp][Ii][Dd]:?)\s+(\d+)")


class Bad(Exception):
    """A session file that cannot be played; one message a mistake."""

    def __init__(self, messages):
        super().__init__("\n".join(messages))
        self.messages = messages


class Item:
    """One line or paragraph of a step.

    kind: text, item, ask, look, command, expect, source, registers.
    """

    def __init__(self, kind, text, line, want="match"):
        self.kind, self.text, self.line = kind, text, line
        self.want = want  # expect: match, not, error


class Step:
    def __init__(self, title, line):
        self.title, self.line, self.items = title, line, []

    def before(self):
        """What is read before Enter: all that precedes the first command."""
        for i, item in enumerate(self.items):
            if item.kind == "command":
                return self.items[:i]
        return list(self.items)


class Session:
    def __init__(self, path, head, steps):
        self.path, self.head, self.steps = path, head, steps
        self.name = re.sub(r"^.*?([^/]+/[^/]+)\.session$", r"\1", path)
        self.out = re.sub(r"\.session$", ".out", path)

    def expectations(self):
        return sum(i.kind == "expect" for s in self.steps for i in s.items)

    def normalisers(self):
        return split_normalise(self.head.get("normalise", ""))


def split_normalise(text):
    """`pid s/a b/c/ time` as its words; a substitution may hold spaces."""
    return re.findall(r"s/(?:\\.|[^/])*/(?:\\.|[^/])*/|\S+", text)


def parse(path):
    """The session of a file.  Raises Bad with every mistake in it."""
    bad = []

    def mistake(n, text):
        bad.append("%s:%d: %s" % (path, n, text))

    try:
        with open(path, encoding="utf-8") as f:
            lines = f.read().split("\n")
    except (OSError, UnicodeDecodeError) as e:
        raise Bad(["%s:1: cannot be read: %s" % (path, e)])

    head, steps = {}, []
    n = 0
    while n < len(lines) and (lines[n].startswith("#") or not lines[n]):
        n += 1
        if not lines[n - 1]:
            continue
        m = re.match(r"# *([a-z]+): +(.*\S) *$", lines[n - 1])
        if not m:
            mistake(n, "a head line is `# key: value`")
        elif m[1] not in HEAD_KEYS:
            mistake(n, "unknown key `%s`; known: %s"
                    % (m[1], " ".join(sorted(HEAD_KEYS - {"fails"}))))
        elif m[1] in LISTS:
            head.setdefault(m[1], []).append(m[2])
        else:
            head[m[1]] = (head[m[1]] + " " if m[1] in head else "") + m[2]
    for key in ("title",):
        if key not in head:
            mistake(1, "the head has no `# %s:`" % key)
    for key in ("deadline", "order"):
        if not head.get(key, "1").isdigit():
            mistake(1, "`%s` is a number" % key)
    for word in split_normalise(head.get("normalise", "")):
        if word.startswith("s/"):
            try:
                re.compile(word[2:-1].split("/")[0])
            except re.error as e:
                mistake(1, "normalise: %s in %s" % (e, word))
        elif word not in NORMALISERS:
            mistake(1, "unknown normaliser `%s`; known: %s, s/REGEX/TEXT/"
                    % (word, " ".join(sorted(NORMALISERS))))

    body = Body(mistake)
    for n in range(n + 1, len(lines) + 1):
        body.line(n, lines[n - 1].rstrip())
    steps = body.steps
    if not steps:
        mistake(len(lines), "no step: a step starts with `== Title`")
    elif "/tests/" not in path and \
            not any(i.kind == "ask" for s in steps for i in s.items):
        mistake(1, "asks for no prediction: a `? ...` line before a command")
    for step in steps if "/tests/" not in path else []:
        if not step.before():
            mistake(step.line, "nothing to read before the step's first "
                               "command: a class would see an empty screen")
    if bad:
        raise Bad(bad)
    return Session(path, head, steps)


class Body:
    """The lines after the head, one by one."""

    def __init__(self, mistake):
        self.mistake, self.steps, self.open = mistake, [], None

    def add(self, kind, text, n, want="match"):
        if not self.steps:
            self.mistake(n, "before the first step (`== Title`)")
            return None
        item = Item(kind, text, n, want)
        self.steps[-1].items.append(item)
        return item

    def last_command(self):
        for item in reversed(self.steps[-1].items if self.steps else []):
            if item.kind == "command":
                return item
        return None

    def line(self, n, s):
        was, self.open = self.open, None
        if not s:
            return
        # A paragraph's later line may begin with "look" or "expect", too.
        prose = was and was.kind in ("text", "item", "ask")
        m = re.match(r"== +(.+)", s)
        if m:
            self.steps.append(Step(m[1], n))
        elif s.startswith("(gdb)"):
            command = s[5:].strip()
            if not command:
                self.mistake(n, "an empty command would repeat the last one")
            elif self.steps and command.endswith("&"):
                self.mistake(n, "`&`: the command has to run to its end")
            self.open = self.add("command", command, n)
        elif was and was.kind == "command" and re.match(r" *>", s):
            was.text += "\n" + re.sub(r"^ *> ?", "", s)
            self.open = was
        elif re.match(r"expect\b.* ?/", s) or s.startswith("expect") and \
                not prose:
            self.expect(n, s)
        elif re.match(r"show (source|registers)\b", s):
            self.show(n, s)
        else:
            m = re.match(r"(\? |look |- )(.*)", s)
            if m and not (s[0] == "l" and prose):
                kind = {"?": "ask", "l": "look", "-": "item"}[s[0]]
                self.open = self.add(kind, m[2].strip(), n)
                if kind == "look" and self.steps and not self.last_command():
                    self.mistake(n, "`look` before a command")
                if kind == "ask" and self.steps and any(
                        i.kind == "command" for i in self.steps[-1].items):
                    self.mistake(n, "`?` after a command, where no Enter "
                                    "waits for the answer: begin a step here")
            elif was and was.kind != "command":
                was.text += " " + s.strip()
                self.open = was
            else:
                self.open = self.add("text", s.strip(), n)

    def expect(self, n, s):
        m = re.match(r"expect( not| error)? /(.*)/$", s)
        if not m:
            self.mistake(n, "the form is `expect /regex/`, `expect not "
                            "/regex/` or `expect error /regex/`")
            return
        try:
            re.compile(m[2])
        except re.error as e:
            self.mistake(n, "expect: %s in /%s/" % (e, m[2]))
        if self.steps and not self.last_command():
            self.mistake(n, "`expect` before a command")
        self.add("expect", m[2], n, (m[1] or " match").strip())

    def show(self, n, s):
        m = re.match(r"show (?:(source)( \d+)?|(registers)((?: \$?\w+)+))$", s)
        if not m:
            self.mistake(n, "the form is `show source [N]` or "
                            "`show registers NAME...`")
        elif m[1]:
            self.add("source", (m[2] or "7").strip(), n)
        else:
            self.add("registers", m[4].replace("$", "").strip(), n)


# ---- the transcript ----------------------------------------------------

PREFIX = {"text": "| ", "item": "- ", "ask": "? ", "look": "! ",
          "output": "  ", "pane": "~ "}


def transcript(session, recorded, values, played):
    """The lines of a .out file; `played` holds (title, [(kind, text)])."""
    lines = ["# session: " + session.name, "# title: " + session.head["title"]]
    for key in ("program", "normalise"):
        if key in session.head:
            lines.append("# %s: %s" % (key, session.head[key]))
    lines.append("# recorded: " + recorded)
    if values:
        lines.append("# values: " + " ".join(
            "%s=%s" % kv for kv in sorted(values.items())))
    for title, items in played:
        lines += ["", "= " + title]
        for kind, text in items:
            if kind == "command":
                first, *more = text.split("\n")
                lines.append("(gdb) " + first)
                lines += ["> " + m for m in more]
            elif kind in ("output", "pane"):
                lines += [PREFIX[kind] + t for t in text.split("\n")]
            else:
                lines.append(PREFIX[kind] + text)
                if kind == "text":
                    lines.append("|")
    return lines


def head_of(lines):
    """The head of a .out file."""
    head = {}
    for s in lines:
        m = re.match(r"# ([a-z]+): (.*)", s)
        if not m:
            break
        head[m[1]] = m[2]
    return head


def normalised(lines, words):
    """[(line number, normalised line)] of a .out file, the head left out."""
    values = dict(v.split("=", 1) for v in
                  head_of(lines).get("values", "").split())
    names = {v: "<%s>" % k for k, v in values.items()}
    if "pid" in words:
        for s in lines:
            for _, pid in PID.findall(s):
                names.setdefault(pid, "<pid%d>" % (len(names) + 1))
    result, body = [], False
    for n, s in enumerate(lines, 1):
        body = body or s.startswith("= ")
        if not body or not s:
            continue
        if s[0] in "|-?!=":
            result.append((n, s))
            continue
        if "pid" in words or names:
            s = PID.sub(lambda m: m[1] + " " + names.get(m[2], m[2]), s)
            # A number of one or two digits may as well be a line's.
            for v, name in names.items():
                if not v.isdigit() or len(v) > 2:
                    s = re.sub(r"(?<![\w.])%s(?!\w)" % re.escape(v), name, s)
                if v.isdigit() and len(v) > 2:
                    s = re.sub(r"\b%#x\b" % int(v), name, s)
            s = s[:2] + re.sub(r"  +", " ", s[2:])  # columns move with pids
        if "address" in words:
            s = re.sub(r"\b0x[0-9a-f]{5,16}\b", "<address>", s)
        if "time" in words:
            s = re.sub(r"\b\d+(:\d\d){1,2}(\.\d+)?\b", "<time>", s)
            s = re.sub(r"\b\d+(\.\d+)? ?([mun]?s|seconds?)\b", "<time>", s)
        for word in words:
            if word.startswith("s/"):
                _, regex, text, _ = re.split(r"(?<!\\)/", word)
                s = re.sub(regex.replace(r"\/", "/"), text, s)
        result.append((n, s))
    return result


def differences(session, old, new, limit=8):
    """What a reader of the recorded transcript has to know: [] if it stands.

    Where the versions differ, only what the author wrote is compared: the
    narration and the commands.  Returns (messages, compared in full?).
    """
    full = head_of(old).get("recorded") == head_of(new).get("recorded")
    words = session.normalisers()
    a, b = normalised(old, words), normalised(new, words)
    if not full:
        a, b = ([(n, s) for n, s in x if s[:2] not in ("  ", "~ ")]
                for x in (a, b))
    messages = []
    for key in ("title", "program", "normalise"):
        if head_of(old).get(key) != head_of(new).get(key):
            messages.append("%s:1: another %s" % (session.out, key))
    import difflib
    ops = difflib.SequenceMatcher(None, [s for _, s in a], [s for _, s in b],
                                  autojunk=False).get_opcodes()
    for op, a0, a1, b0, b1 in ops:
        if op == "equal":
            continue
        at = a[min(a0, len(a) - 1)][0] if a else 1
        messages.append("%s:%d: recorded otherwise" % (session.out, at))
        messages += ["    recorded: " + s for _, s in a[a0:a1][:3]]
        messages += ["    now:      " + s for _, s in b[b0:b1][:3]]
        if len(messages) > limit:
            break
    return messages, full


def read_lines(path):
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as f:
        return f.read().split("\n")[:-1]
