#!/usr/bin/env python3
"""Which kernels OpenBLAS computes with: those the processor has, even where it does not know it.

usage: test_blas_kernels.py SBMT
"""
import json
import os
import subprocess
import sys

import tap

SBMT = sys.argv[1]
UNTOLD = {key: value for key, value in os.environ.items() if key != "OPENBLAS_CORETYPE"}


def sbmt(*arguments, **variables):
    return subprocess.run([SBMT, *arguments], env={**UNTOLD, **variables}, capture_output=True,
                          text=True, check=False)


def machine(**variables):
    return json.loads(sbmt("info", "--json", **variables).stdout)


def test_kernels_of_the_processor():
    """On a processor with AVX2, OpenBLAS does not compute with kernels made for SSE3."""
    known = machine()
    assert known["kernels"] == "c" or " Prescott " not in known["blas"], known


def test_kernels_that_were_asked_for():
    """What the variable says is what is taken: no better kernels are forced on anybody."""
    blas = machine(OPENBLAS_CORETYPE="Prescott")["blas"]
    if "DYNAMIC_ARCH" not in blas:
        raise tap.Skip(f"has one kind of kernel alone: {blas}")
    assert " Prescott " in blas, blas


def test_words_and_exit_code():
    """Beginning again loses neither the words of the command nor its exit code."""
    failed = sbmt("info", "--jsn")
    assert failed.returncode == 2 and "--jsn" in failed.stderr, failed


tap.run(tap.functions(globals()))
