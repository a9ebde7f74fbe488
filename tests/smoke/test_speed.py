#!/usr/bin/env python3
"""sbmt bench speed gives valid JSON with every field, and figures that fit together.

usage: test_speed.py SBMT
"""
import json
import math
import subprocess
import sys

import tap

SBMT = sys.argv[1]
ROW = {
    "attention", "n", "tokens", "target_density", "density", "step_seconds", "step_least",
    "step_most", "inference_seconds", "inference_least", "inference_most", "token_seconds",
    "step_flops", "inference_flops", "peak_bytes", "softmax_step_ratio", "softmax_inference_ratio",
}
CHANGES = ("model.dim=32", "model.layers=1", "model.attention.clusters=16")


def speed(*arguments):
    done = subprocess.run([SBMT, "bench", "speed", "--repeats", "1", "--batch", "2", "--threads",
                           "1", *arguments, *CHANGES], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=True, timeout=120)
    assert done.stderr == "", done.stderr
    return done.stdout


def test_json_has_every_field():
    measured = json.loads(speed("--lengths", "64", "--json"))
    for key, value in {"threads": 1, "batch": 2, "repeats": 1, "clusters": 128,
                       "changes": " ".join(CHANGES)}.items():
        assert measured[key] == value, key
    for key in ("version", "cpu", "cpu_used", "blas"):
        assert measured[key], key
    rows = measured["rows"]
    assert [row["attention"] for row in rows] == ["softmax", "sbm", "sbm", "sbm"]
    assert [row["target_density"] for row in rows] == [None, 0.02, 0.1, 0.25]
    for row in rows:
        assert set(row) == ROW, set(row) ^ ROW
        assert row["n"] == 64 and row["tokens"] == 128
        assert 0 < row["step_least"] <= row["step_seconds"] <= row["step_most"]
        assert 0 < row["inference_flops"] < row["step_flops"] and row["peak_bytes"] > 0
        ratio = rows[0]["step_seconds"] / row["step_seconds"]
        assert math.isclose(row["softmax_step_ratio"], ratio)
    even = measured["break_even"]
    assert [(entry["attention"], entry["n"]) for entry in even] == [("sbm", 64)]
    assert set(even[0]) == {"attention", "n", "step_density", "inference_density"}


def test_the_table_has_a_line_a_measurement():
    table = speed("--lengths", "32,64", "--attention", "sbm,none", "--densities", "0.2")
    lines = table.splitlines()
    assert lines[0].split()[:3] == ["n", "attention", "density"], lines[0]
    assert [line.split()[:2] for line in lines[1:]] == [
        ["32", "sbm"], ["32", "none"], ["64", "sbm"], ["64", "none"]], lines


tap.run(tap.functions(globals()))
