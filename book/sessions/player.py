# SPDX-License-Identifier: MIT
# player.py -- play one narrated session, for a class, a test or the book.
# Started inside gdb by `run`; session.py reads, stage.py runs, screen.py shows.

import os
import re
import subprocess
import sys
import traceback

import gdb

sys.dont_write_bytecode = True  # nothing is written but under build/
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import session as form  # noqa: E402
import stage as stages  # noqa: E402

KEYS = """\
Enter, Space, arrows    run the step; then: on to the next
b, Backspace            back, by starting again and replaying unseen
g 4 Enter               go to step 4
s                       gdb's own prompt, with all as it stands;
                        there, `resume` comes back
q, Ctrl-C               leave; the next time you go on at this step
?                       this list"""


def environment(name, default=""):
    return os.environ.get("SESSION_" + name, default)


def versions(session):
    """What a recording depends on, as one line."""
    gdb_version = re.search(r"\d+(\.\d+)+", gdb.VERSION)
    words = ["gdb " + (gdb_version[0] if gdb_version else gdb.VERSION)]
    tools = ["gcc"] + session.head.get("needs", "").split()
    for tool in dict.fromkeys(tools):
        r = subprocess.run([tool, "--version"], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           text=True)
        m = re.search(r"\d+(\.\d+)+", r.stdout)
        words.append("%s %s" % (tool, m[0] if m else "?"))
    words.append(os.confstr("CS_GNU_LIBC_VERSION"))
    return ", ".join(words)


def tell(name, text):
    """Leave word for `run`, which started this gdb."""
    with open(os.path.join(environment("SCRATCH"), name), "w",
              encoding="utf-8") as f:
        f.write(text)


def leave(status):
    gdb.execute("set confirm off")
    gdb.execute("quit %d" % status)


# ---- tests and recordings ----------------------------------------------

def unattended(session, stage, record):
    """Run it all; the lines of a new transcript, and what did not hold."""
    wrong, played = [], []
    try:
        stage.begin()
        for n, step in enumerate(session.steps, 1):
            tell("at", "%s:%d: step %d, %s" % (
                session.path, step.line, n, step.title))
            items = []
            played.append((step.title, items))
            wrong += stage.play(step, lambda k, t: items.append((k, t)))
    except stages.Failure as e:
        wrong.append(str(e))
    wrong += stage.end()
    new = form.transcript(session, versions(session), stage.values, played)
    old = form.read_lines(session.out)
    keep = "build/sessions/%s.out" % session.name  # to look at
    os.makedirs(os.path.dirname(keep), exist_ok=True)
    with open(keep, "w", encoding="utf-8") as f:
        f.write("\n".join(new) + "\n")
    ending = "%d steps, %d expectations hold" % (len(session.steps),
                                                 stage.held)
    if wrong:
        return wrong + ["all of it: " + keep], "%s: %s" % (
            session.name, session.head["title"])
    if record:
        same = old and form.head_of(old) == dict(
            form.head_of(new), values=form.head_of(old).get("values")) and \
            not form.differences(session, old, new)[0]
        if not same:
            with open(session.out, "w", encoding="utf-8") as f:
                f.write("\n".join(new) + "\n")
        return [], "%s: %s, %s" % (session.name, ending,
                                   "stays as it was" if same else "recorded")
    if old is None and session.name.startswith("tests/"):
        return [], "%s: %s" % (session.name, ending)
    again = "make record-sessions SESSION=" + session.name
    if old is None:
        return ["%s:1: no transcript; %s" % (session.out, again)], session.name
    wrong, full = form.differences(session, old, new)
    if wrong:
        wrong.append("if the new one is right: " + again)
        ending = "the transcript is stale"
    elif full:
        ending += ", as recorded"
    else:
        ending += "; output not compared (recorded with %s; here %s)" % (
            form.head_of(old).get("recorded"), form.head_of(new)["recorded"])
    return wrong, "%s: %s" % (session.name, ending)


# ---- for people --------------------------------------------------------

def plain(session, stage):
    """Not at a terminal: the whole session at once, as text."""
    import screen
    columns = int(os.environ.get("COLUMNS") or 80)

    wrong = []
    stage.begin()
    first = int(environment("STEP", "1"))
    for n, step in enumerate(session.steps, 1):
        if n < first:
            stage.play(step, lambda k, t: None)
            continue
        print("== %d of %d: %s\n" % (n, len(session.steps), step.title))
        blocks = []
        wrong += stage.play(step, lambda k, t: blocks.append((k, t)))
        for line in screen.layout(blocks, columns):
            print(re.sub(r"\033\[\d*m", "", line))
        print(flush=True)
    return wrong + stage.end()


class Player:
    """A session at a terminal.  play() goes on where it was left."""

    def __init__(self, session, stage):
        import screen
        self.session, self.stage = session, stage
        self.screen = screen.Screen()
        self.step = 0         # the step on the screen, from 0
        self.shown = None     # its blocks, once it has been run
        self.wrong = []
        self.notice = ""

    def head(self):
        return ("%s: %s" % (environment("CHAPTER"),
                            self.session.head["title"]),
                "step %d of %d" % (self.step + 1, len(self.session.steps)))

    def begin(self):
        steps = self.session.steps
        start = min(max(int(environment("STEP", "1")), 1), len(steps))
        if start > 1:
            self.screen.frame(self.head(), ["", "Playing steps 1 to %d, "
                                            "unseen ..." % (start - 1)], "")
        self.screen.lines()
        self.stage.begin()
        for self.step in range(start - 1):
            self.note(self.stage.play(steps[self.step], lambda k, t: None))
        self.step = start - 1
        self.screen.keys()
        if start > 1 and environment("RESUMED"):
            self.notice = "Going on at step %d (g 1: from the start)" % start

    def note(self, wrong):
        self.wrong += wrong
        return [("wrong", w) for w in wrong]

    def run_step(self):
        step = self.session.steps[self.step]
        blocks = []

        def emit(kind, text):
            blocks.append((kind, text))
            if kind == "command":
                self.screen.write("\r\033[2Krunning: " + text.split("\n")[0][
                    :self.screen.size()[0] - 12])

        self.screen.lines()
        wrong = self.stage.play(step, emit)
        self.screen.keys()
        self.shown = blocks + self.note(wrong)

    def play(self):
        """Until the end ("end"), or a key that leaves ("shell", ...)."""
        steps = self.session.steps
        while True:
            step = steps[self.step]
            done = self.shown is not None
            runs = any(i.kind == "command" for i in step.items)
            last = self.step + 1 == len(steps)
            keys = " b: back  g: go to step  s: gdb  ?: keys  q: leave"
            if not done:
                blocks = [(i.kind, i.text) for i in step.before()]
                if self.notice:
                    blocks.insert(0, ("note", self.notice))
                foot = " Enter: %s " % ("run" if runs else "on") + keys
            else:
                blocks = self.shown
                foot = " Enter: %s " % ("the end" if last else "on") + keys
            tell("step", str(self.step + 1))
            before = len(step.before())
            key = self.screen.show(
                self.head(), step.title, blocks, foot, " Enter: more " + keys,
                keep=done and (lambda b: b not in blocks[:before]))
            self.notice = ""
            if key == "enter" and not done and runs:
                self.run_step()
            elif key == "enter" and last:
                return "end"
            elif key == "enter":
                self.step, self.shown = self.step + 1, None
            elif key == "b":
                return self.restart(self.step + 1 if done else self.step)
            elif key == "g":
                to = self.screen.ask("go to step (1 to %d): " % len(steps))
                if to and 1 <= int(to) <= len(steps):
                    return self.restart(int(to))
            elif key == "s":
                return "shell"
            elif key == "?":
                self.screen.show(self.head(), "Keys", [("output", KEYS)],
                                 " Enter: back to the session", "")
            elif key in ("q", "eof"):
                return "left"

    def restart(self, step):
        tell("step", str(max(step, 1)))
        return "again"

    def loop(self):
        try:
            why = self.play()
        except KeyboardInterrupt:  # Ctrl-C, just as a command ended
            why = "left"
        if why == "shell":
            self.shell()
            return
        self.finish(why)

    def finish(self, why):
        if why == "end":
            self.wrong += self.stage.end()
        else:
            self.stage.kill_all()
            self.stage.strays()
        tell("outcome", why)
        self.screen.write("\033[H\033[2J")
        self.screen.close()
        for w in self.wrong if why == "end" else []:
            print(w)
        leave(1 if self.wrong and why == "end" else 0)

    # ---- gdb's own prompt ----

    def shell(self):
        self.screen.write("\033[H\033[2J")
        self.screen.close()
        print("gdb's own prompt: `resume` goes back to step %d, "
              "`quit` leaves." % (self.step + 1), flush=True)
        for s in ("pagination on", "style enabled on"):
            gdb.execute("set " + s)
        self.stage.capture.take(b"through")

    def resume(self):
        for s in ("pagination off", "style enabled off", "confirm off",
                  "width 0", "height 0"):
            gdb.execute("set " + s)
        self.stage.capture.take()
        self.screen.open()
        self.notice = "What you did at the prompt stays done " \
                      "(b plays the steps afresh)"
        self.loop()


def resume_command(player):
    class Resume(gdb.Command):
        """Go back to the narrated session."""

        def __init__(self):
            super().__init__("resume", gdb.COMMAND_USER)

        def invoke(self, _arg, _from_tty):
            self.dont_repeat()
            player.resume()

    Resume()


def main():
    path, mode = environment("FILE"), environment("MODE")
    try:
        session = form.parse(path)
    except form.Bad as e:
        if mode == "head":
            return leave(0)
        if mode in ("check", "record"):
            tell("verdict", "not ok\n%s\n%s" % (path, "\n".join(e.messages)))
        else:
            print("\n".join(e.messages))
        return leave(1)
    lacks = [t for t in session.head.get("needs", "").split()
             if subprocess.run(["sh", "-c", 'command -v -- "$1"', "sh", t],
                               stdout=subprocess.DEVNULL).returncode]
    if lacks:
        # what lies under build/ is made, not installed
        get = ("make box64" if "build/box64/box64" in lacks else "make all"
               if any(t.startswith("build/") for t in lacks) else "./setup")
        why = "needs %s, which is not here (%s)" % (" ".join(lacks), get)
        if mode in ("check", "record"):
            tell("verdict", "skip\n%s\n%s" % (session.name, why))
        else:
            print("The session %s %s." % (session.name.split("/")[1], why))
        return leave(69)

    stage = stages.Stage(session, environment("SCRATCH"))
    if mode in ("check", "record"):
        import signal
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # it ends gdb
        signal.alarm(int(session.head.get("deadline", "300")))
        wrong, text = unattended(session, stage, mode == "record")
        tell("verdict", "%s\n%s\n%s" % ("not ok" if wrong else "ok", text,
                                        "\n".join(wrong)))
        return leave(1 if wrong else 0)
    try:
        if mode == "plain":
            wrong = plain(session, stage)
            tell("outcome", "end")
            print("\n".join(wrong))
            return leave(1 if wrong else 0)
        player = Player(session, stage)
        resume_command(player)
        player.begin()
        return player.loop()
    except (stages.Failure, KeyboardInterrupt) as e:
        stage.kill_all()
        stage.strays()
        tell("outcome", "failed")
        print(str(e) or "Interrupted.")
        return leave(1)


try:
    main()
except gdb.GdbError:
    raise
except Exception:
    traceback.print_exc()
    gdb.execute("set confirm off")
    gdb.execute("quit 70")
