#!/usr/bin/env python3
"""What the program shows on a terminal: the progress bar, colours, Ctrl-C; and in a pipe.

usage: test_terminal.py SBMT
"""
import atexit
import fcntl
import os
import pathlib
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

import tap

SBMT = str(pathlib.Path(sys.argv[1]).resolve())
TOP = pathlib.Path(tempfile.mkdtemp(prefix="sbmt-terminal-"))
atexit.register(shutil.rmtree, TOP, ignore_errors=True)
CONFIG = """
task: lra/listops
model: {dim: 16, ffn_dim: 16, classifier_dim: 16, attention: {kind: sbm, clusters: 8}}
train: {steps: 5000, batch_size: 32, warmup_steps: 1, eval_every: 40, checkpoint_every: 0}
"""
STEP = re.compile(r"\d+/5000 (\[=*>? *\] )?loss ")


def environment(**changes):
    kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "SBMT_DATA")}
    return {**kept, "TERM": "xterm", "SBMT_DATA": "data", **changes}


def on_terminal(arguments, columns, until=None, **changes):
    """Runs sbmt on a terminal, types Ctrl-C once `until` was shown; its exit code and output."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(TOP)
        # The terminal has its width before the program asks for it.
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        os.execve(SBMT, [SBMT, *arguments], environment(**changes))
    output, typed, deadline = b"", until is None, time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        output += piece
        if not typed and re.search(until, output):
            os.write(terminal, b"\x03")
            typed = True
    else:
        os.kill(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(terminal)
    return code, output.decode()


def painted(output):
    """Every line that was shown for a step, as it was painted over the one before."""
    lines = re.split(r"[\r\n]+|\x1b\[K", output)
    return [line for line in lines if STEP.match(line)]


def prepare():
    (TOP / "tiny.yaml").write_text(CONFIG, encoding="utf-8")
    subprocess.run([SBMT, "data", "generate", "listops", "--out", "data", "--train", "200",
                    "--val", "40", "--test", "40", "--min-length", "5", "--max-length", "40"],
                   cwd=TOP, check=True, capture_output=True)


def train(run, columns, **changes):
    """As many steps as it takes for an evaluation and three lines after it, whatever the speed."""
    return on_terminal(["train", "tiny.yaml", "--run", run], columns,
                       rb"best so far(?:[\s\S]*?\r\d+/5000[^\r]*loss[^\r]*\r){3}", **changes)


def test_every_line_of_progress_is_whole():
    for columns in (80, 132):
        code, output = train(f"wide-{columns}", columns)
        lines = painted(output)
        assert code == 1 and len(lines) >= 3, (code, output[-500:])
        for line in lines:
            assert "[" in line and "]" in line and line.endswith(" left"), (columns, line)
            assert len(line) < columns, (columns, line)
            for word in ("loss", "acc", "density", "tok"):
                assert word in line, (columns, line)


def test_a_narrow_terminal_gets_no_second_line():
    _, output = train("narrow", 40)
    for line in painted(output):
        assert len(line) < 40, line


def test_colours_and_no_color():
    _, output = train("colour", 80)
    assert "\x1b[32m" in output and "\x1b[31msbmt:" in output, output[-500:]
    _, output = train("plain", 80, NO_COLOR="1")
    assert not re.search(r"\x1b\[\d+m", output), output[-500:]


def test_a_dumb_terminal_gets_no_bar():
    process = on_terminal(["eval", "nowhere"], 80, TERM="dumb")
    assert process == (2, "sbmt: nowhere: is not a run folder (no config.yaml in it)\r\n"), process


def test_ctrl_c_says_what_goes_on_with_the_same_bytes():
    run = "it's a run"
    code, output = on_terminal(["train", "tiny.yaml", "--run", run, "--cpu", "c", "--data", "data"],
                               200, rb"loss")
    assert code == 1, output
    command = output.split("go on with  ")[1].strip()
    assert command == r"sbmt train --resume --run 'it'\''s a run' --data data --cpu c", command
    done = subprocess.run(["sh", "-c", command.replace("sbmt", SBMT, 1) + " --dry-run --json"],
                          cwd=TOP, check=True, capture_output=True, text=True)
    assert '"run":"it\'s a run"' in done.stdout, done.stdout


def test_eval_shows_its_examples_only():
    short = ["train.steps=4", "train.eval_every=4"]
    subprocess.run([SBMT, "train", "tiny.yaml", *short, "--run", "short"], cwd=TOP, check=True,
                   env=environment(), capture_output=True)
    code, output = on_terminal(["eval", "short"], 80)
    assert code == 0 and "evaluating" not in output and "0/4" not in output, output
    for line in re.findall(r"\r(\d[^\r\x1b]*)", output):
        assert re.fullmatch(r"\d+/40 \[=*>? *\] examples", line), line


def test_a_pipe_gets_plain_lines():
    done = subprocess.run([SBMT, "train", "tiny.yaml", "train.steps=80", "--run", "pipe"], cwd=TOP,
                          env=environment(), capture_output=True, text=True, check=True)
    assert "\r" not in done.stderr and "\x1b" not in done.stderr + done.stdout, done.stderr
    assert re.search(r"^step 40/80  dev accuracy ", done.stderr, re.M), done.stderr


prepare()
tap.run(tap.functions(globals()))
