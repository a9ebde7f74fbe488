#!/usr/bin/env python3
"""Whole runs of the program: the same bytes for any number of threads, and after being killed.

usage: test_bytes.py SBMT
"""
import atexit
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import tap

SBMT = str(pathlib.Path(sys.argv[1]).resolve())
TOP = pathlib.Path(tempfile.mkdtemp(prefix="sbmt-smoke-"))
DATA = TOP / "data"
atexit.register(shutil.rmtree, TOP, ignore_errors=True)
STEPS = 40
CONFIG = f"""
task: lra/listops
seed: 3
model: {{layers: 2, dim: 16, heads: 2, ffn_dim: 32, classifier_dim: 16, attention: {{kind: KIND}}}}
train: {{steps: {STEPS}, batch_size: 6, shards: 4, lr: 1e-3, warmup_steps: 5, eval_every: 7,
  eval_examples: 20, checkpoint_every: 3}}
"""

# The endless task that labels every token, beside the kinds of attention on ListOps.
TOKENS = "tokens"
TOKENS_CONFIG = f"""
task: synthetic/repeated-tokens
seed: 3
model: {{layers: 1, dim: 8, heads: 1, ffn_dim: 8, classifier_dim: 8}}
train: {{steps: {STEPS}, batch_size: 6, shards: 4, lr: 1e-3, warmup_steps: 5, eval_every: 7,
  eval_examples: 20, checkpoint_every: 3}}
"""


def sbmt(*arguments, check=True):
    return subprocess.run([SBMT, *map(str, arguments)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=check, timeout=120)


def prepare():
    sbmt("data", "generate", "listops", "--out", DATA, "--train", 200, "--val", 40, "--test", 40,
         "--min-length", 10, "--max-length", 60, "--seed", 5)


def config_of(kind):
    path = TOP / f"{kind}.yaml"
    text = TOKENS_CONFIG if kind == TOKENS else CONFIG.replace("KIND", kind)
    path.write_text(text, encoding="utf-8")
    return path


def train_arguments(kind, run, threads=2):
    return ["train", config_of(kind), "--run", run, "--data", DATA, "--threads", threads]


def outcome(run):
    """What a run leaves that must not depend on time, threads or interruptions."""
    lines = []
    for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        entry.get("dev", {}).pop("seconds", None)
        lines.append({key: entry[key] for key in entry if key not in ("seconds", "elapsed")})
    files = [(run / name).read_bytes() for name in ("last.safetensors", "best.safetensors",
                                                     "predictions.tsv")]
    return files, lines


def kinds():
    lines = sbmt("info", "attention").stdout.splitlines()
    return [line.split()[0] for line in lines if line and not line[0].isspace()]


def straight_run(kind):
    """A run without interruptions; made once."""
    run = TOP / f"straight-{kind}"
    if not (run / "result.json").exists():
        sbmt(*train_arguments(kind, run))
    return run


def test_any_number_of_threads_gives_the_same_bytes():
    for kind in [*kinds(), TOKENS]:
        expected = outcome(straight_run(kind))
        for threads in (1, 3, 8):
            run = TOP / f"threads-{kind}-{threads}"
            sbmt(*train_arguments(kind, run, threads))
            assert outcome(run) == expected, f"{kind} with {threads} threads differs"


def test_another_seed_gives_other_bytes():
    for kind in ("sbm", TOKENS):
        run = TOP / f"other-seed-{kind}"
        sbmt(*train_arguments(kind, run), "seed=4")
        assert outcome(run)[0] != outcome(straight_run(kind))[0]


def steps_done(run):
    try:
        return len((run / "metrics.jsonl").read_bytes().splitlines())
    except FileNotFoundError:
        return 0


def killed(arguments, run, signal_number, lines):
    """Starts a run and sends it a signal once metrics.jsonl has so many lines."""
    process = subprocess.Popen([SBMT, *map(str, arguments)], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while process.poll() is None and steps_done(run) < lines and time.monotonic() < deadline:
        time.sleep(0.001)
    if process.poll() is None:
        process.send_signal(signal_number)
    _, messages = process.communicate(timeout=60)
    return process.returncode, messages


def test_killed_at_random_steps_and_resumed_gives_the_same_bytes():
    seed = int(os.environ.get("SBMT_TEST_SEED", "20261124"))
    chance = random.Random(seed)
    for kind in ("sbm", "softmax", TOKENS):
        run, kills = TOP / f"killed-{kind}", 0
        arguments = train_arguments(kind, run)
        for _ in range(6):
            lines = steps_done(run) + chance.randint(1, 14)
            code, _ = killed(arguments, run, signal.SIGKILL, lines)
            kills += code == -signal.SIGKILL
            arguments = train_arguments(kind, run) + (["--resume"] if run.exists() else [])
            if (run / "result.json").exists():
                break
        if not (run / "result.json").exists():
            sbmt(*arguments)
        assert kills > 0, "the run was never killed: make it longer"
        assert outcome(run) == outcome(straight_run(kind)), f"{kind}, SBMT_TEST_SEED={seed}"


def test_ctrl_c_saves_and_says_how_to_go_on():
    run = TOP / "interrupted"
    code, messages = killed(train_arguments("sbm", run), run, signal.SIGINT, 5)
    assert code == 1, (code, messages)
    assert f"sbmt train --resume --run {run}" in messages, messages
    assert (run / "last.safetensors").exists()
    sbmt("train", "--resume", "--run", run, "--data", DATA)
    assert outcome(run) == outcome(straight_run("sbm"))


def test_eval_gives_the_result_of_the_run():
    for kind in ("sbm", TOKENS):
        run = straight_run(kind)
        result = json.loads((run / "result.json").read_text(encoding="utf-8"))
        for threads in (1, 2):
            found = json.loads(sbmt("eval", run, "--data", DATA, "--json", "--threads",
                                    threads).stdout)
            for key in ("accuracy", "loss", "count"):
                assert found["test"][key] == result["test"][key], (found, result)


def test_predictions_have_the_accuracy_of_the_run():
    """A line an example, or a line a token where tokens have labels."""
    for kind, columns in (("sbm", 3), (TOKENS, 4)):
        table = TOP / f"predictions-{kind}.tsv"
        found = json.loads(sbmt("eval", straight_run(kind), "--data", DATA, "--json",
                                "--predictions", table).stdout)["test"]
        rows = [line.split("\t") for line in table.read_text(encoding="utf-8").splitlines()[1:]]
        assert len(rows) == found.get("labels", found["count"]), (kind, len(rows), found)
        assert {len(row) for row in rows} == {columns}, kind
        accuracy = sum(row[-1] == row[-2] for row in rows) / len(rows)
        assert abs(accuracy - found["accuracy"]) < 1e-12, (kind, accuracy, found)


def test_every_kind_learns():
    """Longer training on one short task lowers the loss of every kind that mixes tokens."""
    for kind in kinds():
        run = TOP / f"learns-{kind}"
        sbmt(*train_arguments(kind, run), "train.steps=300", "train.batch_size=16", "train.lr=3e-3",
             "train.eval_every=0", "train.checkpoint_every=0", "model.dropout=0",
             "model.attention_dropout=0")
        losses = [line["loss"] for line in outcome(run)[1] if "dev" not in line]
        first, last = sum(losses[:20]) / 20, sum(losses[-20:]) / 20
        assert last < first - 0.1, f"{kind}: the loss went from {first:.3f} to {last:.3f}"


prepare()
tap.run(tap.functions(globals()))
