#!/usr/bin/env python3
"""sbmt bench kernels gives valid JSON with every field, and a row for everything that it measures.

usage: test_kernels.py SBMT
"""
import json
import math
import subprocess
import sys

import tap

SBMT = sys.argv[1]
FACTS = {"version", "compiler", "flags", "cpu", "processors", "libraries", "blas", "kernels",
         "cpu_used", "machine", "rows"}
MACHINE = {"gemm_gflops", "gemm_size", "read_gbytes", "triad_gbytes", "array_mbytes"}
ROW = {"name", "d", "n", "unit", "nanoseconds"}
SPEED = {"gflops", "share_of_peak"}
# Some of them: that none is left out the compiler checks (bench/kernel_rows.c).
KERNELS = {"random_bits", "sum", "exp_sum", "scan", "set_bits", "product", "product, turned",
           "gather_dot", "gather_add", "gather_add_turned"}
METHODS = {f"graph by {method}{how}" for method in ("tiles", "skips", "process")
           for how in ("", ", uneven")}
ON_SEQUENCES = {"sparse forward", "sparse backward", "sparse memberships", "dense forward",
                "dense backward", *METHODS}


def kernels(*arguments):
    done = subprocess.run([SBMT, "bench", "kernels", "--lengths", "48,64", "--densities", "0.1",
                           *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          check=True, timeout=200)
    assert done.stderr == "", done.stderr
    return done.stdout


def test_json_has_every_field():
    measured = json.loads(kernels("--json"))
    assert set(measured) == FACTS, set(measured) ^ FACTS
    assert set(measured["machine"]) == MACHINE, set(measured["machine"]) ^ MACHINE
    assert all(value > 0 for value in measured["machine"].values()), measured["machine"]
    rows = measured["rows"]
    names = {row["name"] for row in rows}
    assert KERNELS | ON_SEQUENCES <= names, (KERNELS | ON_SEQUENCES) - names
    for row in rows:
        extra = set(row) - ROW
        assert ROW <= set(row) and extra <= SPEED | {"density"}, row
        assert ("gflops" in row) == ("share_of_peak" in row), row
        assert row["nanoseconds"] > 0 and row["unit"] in ("element", "edge", "pair"), row
        assert ("density" in row) == (row["name"] in ON_SEQUENCES), row
        if "gflops" in row:
            peak = measured["machine"]["gemm_gflops"]
            assert math.isclose(row["share_of_peak"], row["gflops"] / peak), row
    for name in ON_SEQUENCES:
        assert {row["n"] for row in rows if row["name"] == name} == {48, 64}, name


def test_the_table_has_a_line_a_measurement():
    lines = kernels("--cpu", "c").splitlines()
    assert lines[0].startswith("GEMM peak ") and lines[2].split() == ["kernels", "c"], lines[:3]
    names = " ".join(lines[5:])
    assert all(name in names for name in KERNELS | ON_SEQUENCES), lines


tap.run(tap.functions(globals()))
