# SPDX-License-Identifier: MIT
# unit.py -- tests of ../session.py: what counts as the same transcript, and
# how a file is read; and of ../stage.py: whose process is whose, and whose ^C.
# Run by `../run check` in gdb's Python; prints ok lines.

import os
import signal
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "book/sessions")
import session as form  # noqa: E402
import stage  # noqa: E402

HEAD = ["# session: x/y", "# title: T", "# normalise: %s", "# recorded: %s"]
NUMBERS = "pid address time s/port \\d+/port N/"


def same(a, b, words=NUMBERS, versions=("gdb 1", "gdb 1"), values=("", "")):
    s = form.Session("x/y.session", {"title": "T", "normalise": words}, [])

    def lines(body, v, captured):
        head = [h % ((words,) if "norm" in h else (v,)) if "%" in h else h
                for h in HEAD]
        return head + (["# values: " + captured] if captured else []) \
            + ["", "= S"] + body
    return not form.differences(s, lines(a, versions[0], values[0]),
                                lines(b, versions[1], values[1]))[0]


def test(name, ok):
    print("%s - unit: %s" % ("ok" if ok else "not ok", name))


test("equal ones are equal", same(["  a"], ["  a"]))
test("another word is noticed", not same(["  a"], ["  b"]))
test("a missing line is noticed", not same(["  a", "  b"], ["  a"]))
test("an added line is noticed", not same(["  a"], ["  a", "  b"]))
test("a pid may differ",
     same(["  [process 1234]", "  1234"], ["  [process 99]", "  1234"]) is
     False and
     same(["  [process 1234]", "  1234"], ["  [process 999]", "  999"]))
test("its column may move",
     same(["  * 1  process 123    x"], ["  * 1  process 12345  x"]))
test("in hexadecimal, too",
     same(["  process 4660", "~   rax 0x1234 4660"],
          ["  process 4661", "~   rax 0x1235 4661"]))
test("two pids are not one",
     not same(["  process 1234", "  process 1235"],
              ["  process 1234", "  process 1234"]))
test("PPid: of /proc is a pid", same(["  PPid:   812"], ["  PPid:   4711"]))
test("a pid counts where it is not normalised",
     not same(["  process 1234"], ["  process 1235"], "address"))
test("a captured value may differ",
     same(["  got 777"], ["  got 778"], "address", values=("n=777", "n=778")))
test("an address may differ", same(["  0x7ffff7ea5353"], ["  0x555555555316"]))
test("a small number is no address", not same(["  0x2a00"], ["  0x2a01"]))
test("a time may differ", same(["  10:30:01 3.5 s"], ["  11:00:02 12 s"]))
test("a substitution is made", same(["  port 80"], ["  port 81"]))
test("narration is not normalised", not same(["| port 80"], ["| port 81"]))
test("with another gdb, output may differ",
     same(["(gdb) x", "  a"], ["(gdb) x", "  b"], versions=("gdb 1", "gdb 2")))
test("with another gdb, commands may not",
     not same(["(gdb) x"], ["(gdb) y"], versions=("gdb 1", "gdb 2")))
test("with another gdb, narration may not",
     not same(["| x"], ["| y"], versions=("gdb 1", "gdb 2")))

path = os.path.join(os.environ["SESSION_SCRATCH"], "prose.session")
with open(path, "w") as f:
    f.write("# title: T\n\n== S\n\nA paragraph whose lines\nlook like this and"
            "\nexpect nothing,\nshow nothing.\n\n? Why\n  so?\n\n(gdb) python\n"
            "> print(1)\n>   # two\nexpect /1/\nlook here\n  and there\n")
kinds = [(i.kind, i.text) for i in form.parse(path).steps[0].items]
test("prose may begin with the words of the form", kinds == [
    ("text", "A paragraph whose lines look like this and expect nothing, "
             "show nothing."), ("ask", "Why so?"),
    ("command", "python\nprint(1)\n  # two"), ("expect", "1"),
    ("look", "here and there")])

with open(path, "w") as f:
    f.write("# title: T\n\n== S\n\n? Why?\n\n(gdb) print 1\n\n== Bare\n\n"
            "(gdb) print 2\n")
try:
    form.parse(path)
    said = []
except form.Bad as e:
    said = e.messages
test("a step with nothing to read before Enter is refused",
     len(said) == 1 and ".session:9: nothing to read" in said[0])

terminal = stage.Capture()
whole = terminal.exactly


def disturbed(n):
    os.kill(os.getpid(), signal.SIGINT)
    return whole(n)


try:
    os.write(terminal.slave, b"one")
    terminal.exactly = disturbed
    caught = terminal.take() and None
except KeyboardInterrupt:
    caught = True
terminal.exactly = whole
os.write(terminal.slave, b"two")
test("a ^C while output is taken does not mix it with the next",
     caught and terminal.take() == "two")

def process(name, state):
    """A /proc with one process, 7, that has no environment."""
    at = os.path.join(os.environ["SESSION_SCRATCH"], name, "7")
    os.makedirs(at)
    os.symlink("/bin/sh", at + "/exe")
    for file, text in [("environ", ""), ("stat", "7 (a) b) %s 1" % state)]:
        with open(os.path.join(at, file), "w") as f:
            f.write(text)
    return os.path.dirname(at)


def after_exec(seconds):
    with open(in_exec + "/7/environ", "w") as f:
        f.write("A=B")


in_exec = process("in-exec", "R")
test("a process amid its execve is asked again",
     stage.environment(7, in_exec, after_exec) == b"A=B")
test("one that sleeps without any environment is not",
     stage.environment(7, process("none", "S"), None) == b"")
