#!/usr/bin/env python3
"""Makes folders of runs as training would leave them, with numbers that are easy to check.

usage: make_runs.py FOLDER

FOLDER/suite is a suite of which all is finished but one run and two cells: on lra/listops six
seeds of softmax and of sbm, whose differences all have the same sign, so that the permutation test
has p = 2/64; on lra/image one seed of each with predictions, in which sbm is right alone ten times
and softmax once, so that McNemar's test has p = 2·(1 + 11)/2^11. In FOLDER/crossed the differences
of six seeds cancel out: p = 1; in FOLDER/nothing neither run has learnt anything. FOLDER/other
holds runs that stand for what must not be mixed, FOLDER/metrics runs whose figures are written in
several ways, FOLDER/answers predictions, and FOLDER/broken runs with damaged files.
"""
import hashlib
import json
import pathlib
import shutil
import sys

SOFTMAX = (36.0, 36.4, 35.8, 36.2, 36.6, 36.0)
SBM = (37.0, 37.2, 37.2, 36.8, 37.8, 37.0)
CLASSES = {"lra/image": ("airplane", "automobile", "bird"), "lra/listops": ("0", "1", "2")}


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def write(folder, name, content):
    text = content if isinstance(content, str) else json.dumps(content) + "\n"
    (folder / name).write_text(text)


def run(folder, kind, seed, test, *, task="lra/listops", protocol="sbm-paper", steps=4,
        version="1.0", data="a", majority=0.2, density=None, seconds=60, finished=True,
        answers=None, of=None):
    folder.mkdir(parents=True)
    config = (f"task: {task}\nprotocol: {protocol}\nseed: {seed}\nmodel:\n  attention:\n"
              f"    kind: {kind}\ntrain:\n  steps: {steps}\n  batch_size: 2\n  warmup_steps: 1\n"
              f"  shards: 2\n")
    if protocol == "bert":
        config += "tokenizer:\n  folder: words.txt\n"
    write(folder, "config.yaml", config)
    write(folder, "info.json", {
        "version": version, "cpu": "a processor", "seed": seed, "config": digest(config),
        "data": {split: {"sha256": digest(data + split)} for split in ("train", "dev", "test")}})
    lines = []
    for step in range(1, steps + 1):
        line = {"step": step, "loss": 2.5 - step / 8, "accuracy": step / 16, "tokens": 200,
                "elapsed": seconds * step / steps}
        if density is not None:
            line["density"] = density + 0.01 * (steps - step)
        lines.append(line)
        if step % 2 == 0:
            dev = {"loss": 2, "accuracy": step / 16, "count": 200}
            if density is not None:
                dev["density"] = density
            lines.append({"step": step, "dev": dev, "elapsed": seconds * step / steps})
    write(folder, "metrics.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    if not finished:
        return
    if answers is not None: # of three labels in turn
        majority = (len(answers) + 2) // 3 / len(answers)
    result = {"task": task, "protocol": protocol, "attention": kind, "seed": seed, "steps": steps,
              "parameters": 1000, "step": steps,
              "best_dev": {"accuracy": steps / 16, "step": steps},
              "test": {"loss": 2, "accuracy": test, "count": 40, "seconds": 1},
              "majority": majority, "seconds": seconds, "config": digest(config)}
    if density is not None:
        result["density"] = density
    if of is not None:
        result["test"]["of"] = of
    write(folder, "result.json", result)
    if answers is not None:
        names = CLASSES[task]
        write(folder, "predictions.tsv", "index\tlabel\tprediction\n" + "".join(
            f"{i}\t{names[i % 3]}\t{names[i % 3 if right else (i + 1) % 3]}\n"
            for i, right in enumerate(answers)))


def suite(top):
    for seed, (softmax, sbm) in enumerate(zip(SOFTMAX, SBM), 1):
        run(top / f"cells/listops-softmax-s{seed}", "softmax", seed, softmax / 100)
        run(top / f"cells/listops-sbm-s{seed}", "sbm", seed, sbm / 100, density=0.2, seconds=90)
    right = {"softmax": [i < 20 or i == 39 for i in range(40)],
             "sbm": [i < 30 for i in range(40)]}
    for kind, answers in right.items():
        run(top / f"cells/image-{kind}-s1", kind, 1, sum(answers) / 40, task="lra/image",
            density=0.25 if kind == "sbm" else None, answers=answers)
    # Predictions of other weights than those of the result: no test is made of them.
    run(top / "cells/image-none-s1", "none", 1, 0.205, task="lra/image", answers=[False] * 40)
    run(top / "cells/image-none-s2", "none", 2, 0, task="lra/image", finished=False)
    failed = top / "cells/image-local-s1"
    failed.mkdir()
    write(failed, "failed.json", {"message": "out of memory"})
    write(top, "cells.json", {"suite": "table", "cells": [
        {"name": name, "run": f"cells/{name}"}
        for name in ("image-sbm-s1", "image-local-s1", "image-local-s2")]})


def crossed(top):
    """What is best with one seed is worst with the other kind: no difference, seed by seed."""
    for seed in range(1, 7):
        run(top / f"softmax-s{seed}", "softmax", seed, seed / 10)
        run(top / f"sbm-s{seed}", "sbm", seed, (7 - seed) / 10)


def nothing(top):
    """One names the same class every time, the other is worse, and by more than chance."""
    run(top / "sbm", "sbm", 1, 14 / 40, task="lra/image", answers=[i % 3 == 0 for i in range(40)])
    run(top / "softmax", "softmax", 1, 0, task="lra/image", answers=[False] * 40)


def other(top):
    run(top / "base", "sbm", 1, 0.4)
    run(top / "version", "sbm", 2, 0.4, version="2.0")
    run(top / "protocol", "sbm", 2, 0.5, protocol="google")
    run(top / "data", "sbm", 2, 0.4, data="b")
    run(top / "options", "sbm", 2, 0.4, steps=6)
    run(top / "part", "sbm", 2, 0.4, of=60)
    run(top / "whole", "softmax", 1, 0.4)
    whole = json.loads((top / "whole/result.json").read_text())
    whole["test"]["count"] = 60
    write(top / "whole", "result.json", whole)
    run(top / "names & <signs>_50%", "sbm", 1, 0.4)


def answered(folder, kind, task, lines, name, value):
    """A run of one seed that answered so, with this score."""
    run(folder, kind, 1, 0.5, task=task, protocol="bert")
    result = json.loads((folder / "result.json").read_text())
    result["test"]["metrics"] = {name: value}
    if name == "f1":
        result["test"]["accuracy"] = sum(one == other for one, other in lines) / len(lines)
        result["test"]["count"] = len(lines)
        labels = [label for label, _ in lines]
        result["majority"] = max(labels.count(label) for label in labels) / len(labels)
    else:
        del result["test"]["accuracy"], result["majority"]
    write(folder, "result.json", result)
    write(folder, "predictions.tsv", "index\tlabel\tprediction\n" + "".join(
        f"{i}\t{label}\t{prediction}\n" for i, (label, prediction) in enumerate(lines)))


def answers(top):
    """Of F1 sbm has all 20 of class 1 right, softmax 10; of scores both say the same."""
    names = ["not_equivalent", "equivalent"]
    for kind, found in (("softmax", 10), ("sbm", 20)):
        lines = [(names[i < 20], names[i < found]) for i in range(40)]
        answered(top / f"classes/mrpc-{kind}", kind, "glue/mrpc", lines, "f1",
                 2 * found / (20 + found))
        answered(top / f"scores/sts-b-{kind}", kind, "glue/sts-b",
                 [(i / 8, (i ^ 1) / 8) for i in range(40)], "pearson", 0.9962476547842401)
        answered(top / f"strange/mrpc-{kind}", kind, "glue/mrpc",
                 [("equivalent", "no_class")], "f1", 0.0)


def metrics(top):
    """Lines of two steps each; tasks whose scores are on two scales; a metric that one has not."""
    for name in ("each", "pairs"):
        run(top / "lines" / name, "sbm", 1, 0.4, density=0.2)
    write(top / "lines/pairs", "metrics.jsonl", "".join(
        json.dumps({"step": step, "steps": 2, "loss": 2, "tokens": 400, "elapsed": 15 * step})
        + "\n" for step in (2, 4)))
    for steps in (4, 6):
        run(top / f"sweep/steps={steps}", "sbm", 1, 0.4, steps=steps)
    for kind, loss in (("softmax", 3.0), ("sbm", 3.2)):
        folder = top / f"scales/words-{kind}"
        run(folder, kind, 1, 0.1, task="text/masked-words", protocol="bert")
        result = json.loads((folder / "result.json").read_text())
        result["best_dev"] = {"loss": loss, "step": 4}
        result["test"]["loss"] = loss
        write(folder, "result.json", result)
        folder = top / f"scores/mrpc-{kind}"
        run(folder, kind, 1, 0.7, task="glue/mrpc", protocol="bert")
        result = json.loads((folder / "result.json").read_text())
        result["test"]["metrics"] = {"f1": 0.8}
        write(folder, "result.json", result)
        for name in ("scales", "scores"):
            for seed in range(1, 7):
                run(top / f"{name}/sst-2-{kind}-s{seed}", kind, seed, 0.7, task="glue/sst-2",
                    protocol="bert")


def broken(top):
    for name in ("no-config", "half-result", "half-line", "foreign", "config", "best", "answers",
                 "lines", "no-info"):
        run(top / name, "sbm", 1, 0.5, answers=[i < 20 for i in range(40)])
    (top / "no-config/config.yaml").unlink()
    (top / "no-info/info.json").unlink()
    write(top / "half-result", "result.json", '{"task": "lra/lis')
    with open(top / "half-line/metrics.jsonl", "a") as lines:
        lines.write('{"step": 5, "lo')
    write(top / "foreign", "result.json", {"score": 1})
    with open(top / "config/config.yaml", "a") as lines:
        lines.write("  clip_norm: 1\n")
    path = top / "best/metrics.jsonl"
    path.write_text(path.read_text().replace('"accuracy": 0.125, "count"',
                                             '"accuracy": 0.75, "count"'))
    path = top / "answers/predictions.tsv"
    path.write_text(path.read_text().replace("39\t0\t1", "39\t0\t0"))
    path = top / "lines/predictions.tsv"
    path.write_text(path.read_text().replace("39\t0\t1", "39\t0"))


def main():
    top = pathlib.Path(sys.argv[1])
    shutil.rmtree(top, ignore_errors=True)
    suite(top / "suite")
    crossed(top / "crossed")
    nothing(top / "nothing")
    other(top / "other")
    metrics(top / "metrics")
    answers(top / "answers")
    broken(top / "broken")
    (top / "empty").mkdir()


if __name__ == "__main__":
    main()
