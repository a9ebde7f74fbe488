#!/usr/bin/env python3
"""Suites: killed and gone on with, in several processes, with the same results as in one piece.

usage: test_suites.py SBMT TOP
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
SOURCES = pathlib.Path(sys.argv[2]).resolve()
TOP = pathlib.Path(tempfile.mkdtemp(prefix="sbmt-suites-"))
DATA = TOP / "data"
atexit.register(shutil.rmtree, TOP, ignore_errors=True)
SEED = int(os.environ.get("SBMT_TEST_SEED", "20261125"))

CONFIG = """
task: lra/listops
model: {layers: 1, dim: 8, heads: 2, ffn_dim: 8, classifier_dim: 8}
train: {steps: 40, batch_size: 4, shards: 2, warmup_steps: 1, eval_every: 10, eval_examples: 10,
  checkpoint_every: 3}
"""
SUITE = """
name: small
configs: [base.yaml]
seeds: [1, 2]
set: {model.attention.clusters: 4}
sweep:
  model.attention.kind: [softmax, linear, sbm]
  train.lr: [1e-3, 1e-4]
"""
CELLS = 12


def sbmt(*arguments, check=True):
    return subprocess.run([SBMT, *map(str, arguments)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=check, timeout=180)


def prepare():
    sbmt("data", "generate", "listops", "--out", DATA, "--train", 100, "--val", 20, "--test", 20,
         "--min-length", 5, "--max-length", 30)
    (TOP / "base.yaml").write_text(CONFIG, encoding="utf-8")
    (TOP / "small.yaml").write_text(SUITE, encoding="utf-8")


def arguments_of(folder, *more):
    return [SBMT, "bench", "run", str(TOP / "small.yaml"), "--dir", str(folder), "--data",
            str(DATA), "--cpu", "c", *map(str, more)]


def results(folder):
    """The bytes of every result.json, without what depends on time and interruptions."""
    found = {}
    for path in sorted(folder.glob("cells/*/result.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        for key in ("seconds", "measured"):
            del result[key]
        del result["test"]["seconds"]
        del result["machine"]["threads"]
        found[path.parent.name] = json.dumps(result)
    return found


def steps_of(folder):
    """The steps of every cell, in the order of its metrics: none may be missing or done twice."""
    found = {}
    for path in folder.glob("cells/*/metrics.jsonl"):
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        found[path.parent.name] = [line["step"] for line in lines if "dev" not in line]
    return found


def straight():
    """The suite in one piece; made once."""
    folder = TOP / "straight"
    if not folder.exists():
        subprocess.run(arguments_of(folder), check=True, capture_output=True, timeout=180)
    return folder


def table_of(folder):
    """The table of a suite's folder, all of it that does not tell how long anything took."""
    return subprocess.run([SBMT, "bench", "table", ".", "--format", "json", "--rows",
                           "model.attention.kind", "--columns", "train.lr", "--show",
                           "score,n,p,density,flops,steps,parameters,loss"], cwd=folder,
                          capture_output=True, text=True, check=True, timeout=60).stdout


def check_whole(folder):
    expected = results(straight())
    assert len(expected) == CELLS
    assert results(folder) == expected, f"SBMT_TEST_SEED={SEED}"
    assert table_of(folder) == table_of(straight())
    for name, steps in steps_of(folder).items():
        assert steps == list(range(1, 41)), (name, steps)
    for path in folder.glob("cells/*"):
        for kind in ("last", "best"):
            weights = path / f"{kind}.safetensors"
            other = straight() / "cells" / path.name / f"{kind}.safetensors"
            assert weights.read_bytes() == other.read_bytes(), weights


def start(folder, *more):
    return subprocess.Popen(arguments_of(folder, *more), stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                            start_new_session=True)


def kill(process, whole_group):
    """Kills the parent alone, whose children then end by themselves, or all at once."""
    if whole_group:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate(timeout=60)


def test_a_finished_suite_is_left_alone():
    folder = straight()
    times = {path: path.stat().st_mtime_ns for path in folder.glob("cells/*/*")}
    subprocess.run(arguments_of(folder, "--jobs", 2), check=True, capture_output=True, timeout=60)
    assert times == {path: path.stat().st_mtime_ns for path in folder.glob("cells/*/*")}


def test_killed_five_times_and_gone_on_with_gives_the_same_results():
    chance = random.Random(SEED)
    folder, kills = TOP / "killed", 0
    whole = time.monotonic()
    straight()
    for round_ in range(60):
        if kills == 5 or len(results(folder)) == CELLS:
            break
        process = start(folder, "--jobs", 1 + round_ % 2)
        time.sleep(chance.uniform(0.05, 0.5))
        if process.poll() is None:
            kill(process, whole_group=round_ % 2 == 0)
            kills += 1
        else:
            process.communicate()
    spent = time.monotonic() - whole
    assert kills >= 3, f"killed {kills} times in {spent:.1f} s: make cells longer"
    subprocess.run(arguments_of(folder), check=True, capture_output=True, timeout=180)
    check_whole(folder)


def test_four_processes_with_kills_share_one_folder():
    chance = random.Random(SEED + 1)
    folder = TOP / "shared"
    processes = [start(folder) for _ in range(4)]
    for _ in range(6):
        time.sleep(chance.uniform(0.05, 0.3))
        at = chance.randrange(4)
        kill(processes[at], whole_group=chance.random() < 0.5)
        processes[at] = start(folder)
    for process in processes:
        _, messages = process.communicate(timeout=180)
        assert process.returncode == 0, messages
        assert "at work in this run" not in messages, messages
    assert not list(folder.glob("cells/*/failed.json"))
    check_whole(folder)


def test_ctrl_c_saves_and_says_how_to_go_on():
    folder = TOP / "stopped"
    process = start(folder, "--jobs", 2)
    while not list(folder.glob("cells/*/metrics.jsonl")):
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGINT)
    _, messages = process.communicate(timeout=60)
    assert process.returncode == 1, messages
    last = messages.splitlines()[-1]
    command = f"sbmt bench run {TOP / 'small.yaml'} --dir {folder} --data {DATA} --cpu c --jobs 2"
    assert last.startswith("sbmt: stopped with ") and last.endswith("go on with  " + command), last
    sbmt(*command.split()[1:])
    check_whole(folder)


def test_a_cell_that_kills_its_process_does_not_end_the_suite():
    """A process killed by the system has its cell recorded; the others go on; --retry resumes."""
    folder = TOP / "victim"
    process = start(folder)
    victim = None
    deadline = time.monotonic() + 60
    while victim is None and time.monotonic() < deadline:
        for lock in folder.glob("locks/*"):
            words = lock.read_text(encoding="utf-8").split()
            if len(words) == 3 and (folder / "cells" / lock.name / "last.safetensors").exists():
                victim = lock.name
                os.kill(int(words[1]), signal.SIGKILL)
                break
    _, messages = process.communicate(timeout=180)
    assert process.returncode == 1, messages
    assert f"{victim}: the process was ended by signal 9 (Killed)" in messages, messages
    assert messages.splitlines()[-1].endswith("--retry runs it again"), messages
    assert len(results(folder)) == CELLS - 1
    subprocess.run(arguments_of(folder, "--retry"), check=True, capture_output=True, timeout=60)
    check_whole(folder)


def test_a_worker_that_is_asked_to_stop_is_replaced():
    """As one is whose lock another machine has taken: its cell is gone on with."""
    folder = TOP / "replaced"
    process = start(folder)
    asked = False
    deadline = time.monotonic() + 60
    while not asked and time.monotonic() < deadline:
        for lock in folder.glob("locks/*"):
            words = lock.read_text(encoding="utf-8").split()
            if len(words) == 3 and (folder / "cells" / lock.name / "metrics.jsonl").exists():
                os.kill(int(words[1]), signal.SIGTERM)
                asked = True
                break
    _, messages = process.communicate(timeout=180)
    assert asked and process.returncode == 0, messages
    check_whole(folder)


def test_a_result_can_stand_alone():
    """What a table needs of a run is in its result.json."""
    name = "lra-listops-base-kind=sbm-lr=1e-3-s1"
    run = straight() / "cells" / name
    result = json.loads((run / "result.json").read_text(encoding="utf-8"))
    assert result["metric"] in result["test"], result
    heads = result["densities"]
    assert [(head["layer"], head["head"]) for head in heads] == [(0, 0), (0, 1)], heads
    mean = sum(head["density"] for head in heads) / len(heads)
    assert abs(mean - result["density"]) < 1e-12, result
    assert result["flops"] > 0 and result["measured"]["peak_bytes"] > 0
    assert len(result["data"]["test"]["sha256"]) == 64
    cells = json.loads((straight() / "cells.json").read_text(encoding="utf-8"))["cells"]
    cell = [cell for cell in cells if cell["name"] == name][0]
    assert cell["config"] == result["config"]
    assert cell["sweep"] == {"model.attention.kind": "sbm", "train.lr": 1e-3}, cell
    assert straight() / cell["run"] == run


def test_the_smoke_suite_runs():
    """The suite that ships, its prediction included, on the cheaper of its two tasks."""
    suite = TOP / "smoke.yaml"
    shipped = SOURCES / "configs/suites/smoke.yaml"
    only = "include: [{task: synthetic/repeated-tokens, seed: 1}]"
    suite.write_text(f"extends: {shipped}\n{only}\n", encoding="utf-8")
    listed = sbmt("bench", "run", suite, "--dir", TOP / "smoke", "--dry-run").stdout.splitlines()
    assert len(listed) == 5 and listed[-1].startswith("3 of 3 cells to run"), listed
    assert not (TOP / "smoke").exists()
    done = sbmt("bench", "run", suite, "--dir", TOP / "smoke", "--jobs", 2)
    assert done.stdout == f"{TOP / 'smoke'}: 3 of 3 cells finished\n", done.stdout


prepare()
tap.run(tap.functions(globals()))
