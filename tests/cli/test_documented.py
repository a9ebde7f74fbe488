#!/usr/bin/env python3
"""Every command that the documentation shows runs, on small data.

usage: test_documented.py SBMT TOP
"""
import atexit
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import tap

SBMT = pathlib.Path(sys.argv[1]).resolve()
TOP = pathlib.Path(sys.argv[2]).resolve()
WORK = pathlib.Path(tempfile.mkdtemp(prefix="sbmt-documented-"))
atexit.register(shutil.rmtree, WORK, ignore_errors=True)
DOCUMENTS = ["README.md", "CONTRIBUTING.md",
             *(str(path.relative_to(TOP)) for path in sorted((TOP / "docs").rglob("*.md")))]
SMALL = ["--train", "40", "--val", "10", "--test", "10", "--min-length", "5", "--max-length", "40"]


def sbmt(*words):
    environment = {key: value for key, value in os.environ.items() if key != "SBMT_DATA"}
    return subprocess.run([SBMT, *words], cwd=WORK, env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False, timeout=60)


def lines(text):
    """The lines of blocks of code that begin with a command, with their numbers."""
    in_block = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            in_block = not in_block
        elif in_block and line.startswith(("sbmt ", "build/cli/sbmt ", "scripts/", "export ")):
            yield number, line


def commands(text):
    """The calls of sbmt, without the comments behind them and without where their output goes."""
    for number, line in lines(text):
        if line.startswith(("sbmt ", "build/cli/sbmt ")):
            yield number, shlex.split(line.split(" > ")[0], comments=True)[1:]


def made_small(words):
    """What a command does on the data and the run made here; of a whole training only the start.
    Of an option that is given twice the last counts."""
    if words[:3] == ["data", "generate", "listops"]:
        return words + SMALL + ["--out", "datasets", "--force"]
    if words[:2] == ["data", "generate"] and words[2].startswith("path"):
        return words + ["--count", "20", "--out", "datasets", "--force"]
    if words[:2] == ["data", "generate"]:
        return words + ["--train", "5", "--out", "datasets", "--force"]
    if words[0] == "train" and "--resume" in words:
        return ["train", "--resume", "--run", "runs/short", "--data", "datasets"]
    reads = words[1].split("/")[1:2] if words[0] == "train" else []
    if reads in (["glue"], ["pretraining"]) or (reads == ["lra"] and "/listops/" not in words[1]):
        return ["config", words[1], *(word for word in words[2:] if "=" in word)] # no data here
    if words[0] == "train":
        return words + ["--dry-run", "--data", "datasets"]
    if words[:2] == ["bench", "speed"]:
        return words + ["--lengths", "64", "--densities", "0.1", "--repeats", "1"]
    if words[:2] == ["bench", "kernels"]: # takes a minute whatever its options
        return words + ["--help"]
    if words[0] == "eval" and "--submission" in words:
        return ["eval", "runs/wnli", *words[2:], "--data", "datasets"]
    if words[:2] == ["bench", "run"]: # a whole suite takes its time; that it loads is seen here
        return [*(word for word in words if word != "--dry-run"), "--slurm"]
    if words[0] in ("eval", "inspect"):
        return [words[0], "runs/short", *words[2:], "--data", "datasets"]
    return words


def prepare_text():
    """Texts, and a vocabulary of byte pairs without any pair."""
    (WORK / "text.txt").write_text("a few words\nin two lines\n", encoding="utf-8")
    (WORK / "pairs.tsv").write_text("a few words\tin two columns\n", encoding="utf-8")
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    characters = [*printable, *range(256, 256 + 256 - len(printable))]
    tokens = ["<s>", "</s>", "<pad>", "<unk>", "<mask>", *map(chr, characters)]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    (WORK / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (WORK / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")


def prepare_submission():
    """A run on the smallest task of GLUE, with as many test examples as the leaderboard wants."""
    folder = WORK / "datasets" / "glue" / "WNLI"
    folder.mkdir(parents=True)
    rows = [f"{i}\ta few\twords\t{i % 2}\n" for i in range(20)]
    for split in ("train", "dev"):
        (folder / f"{split}.tsv").write_text(
            "".join(["index\tsentence1\tsentence2\tlabel\n", *rows]), encoding="utf-8")
    tests = [f"{i}\ta few\twords\n" for i in range(146)]
    (folder / "test.tsv").write_text("".join(["index\tsentence1\tsentence2\n", *tests]),
                                     encoding="utf-8")
    (WORK / "words.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nfew\nwords\n",
                                    encoding="utf-8")
    (WORK / "wnli.yaml").write_text(
        "task: glue/wnli\nprotocol: bert\ntokenizer: {kind: bert, folder: words.txt}\n",
        encoding="utf-8")
    done = sbmt("train", "wnli.yaml", "train.steps=2", "--run", "runs/wnli", "--data", "datasets")
    assert done.returncode == 0, done.stderr


def prepare():
    prepare_text()
    for folder in ("configs", "docs"):
        (WORK / folder).symlink_to(TOP / folder)
    prepare_submission()
    assert sbmt("data", "generate", "listops", "--out", "datasets", *SMALL).returncode == 0
    short = sbmt("train", "configs/quickstart.yaml", "train.steps=2", "train.warmup_steps=1",
                 "--run", "runs/short")
    assert short.returncode == 0, short.stderr


def test_every_command_runs():
    prepare()
    count = 0
    for name in DOCUMENTS:
        for number, words in commands((TOP / name).read_text(encoding="utf-8")):
            done = sbmt(*made_small(words))
            assert done.returncode == 0, f"{name}:{number}: {shlex.join(words)}: {done.stderr}"
            count += 1
    assert count >= 9, f"only {count} commands found"


def test_what_is_said_behind_a_command_is_a_comment():
    for name in DOCUMENTS:
        for number, line in lines((TOP / name).read_text(encoding="utf-8")):
            assert not re.search(r"\S  +[^ #]", line.split(" # ")[0]), f"{name}:{number}: {line}"


tap.run(tap.functions(globals()))
