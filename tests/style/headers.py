#!/usr/bin/env python3
"""Every header of the product compiles by itself and twice in a row; in core also in double.

usage: headers.py TOP COMPILER…
"""
import os
import subprocess
import sys

import tree

FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c"]


def instruction_flags(name):
    """A header of vector kernels is included only where these flags are on."""
    if "avx512" in name:
        return ["-mavx512f", "-mavx512dq", "-mavx512vl", "-mavx512bw", "-mfma"]
    return ["-mavx2", "-mfma"] if "avx2" in name else []


def compile_alone(top, compiler, name, flags):
    source = f'#include "{name}"\n#include "{name}"\n'
    command = [*compiler, *FLAGS, *flags, *instruction_flags(name), "-I", ".", "-"]
    # What is read from standard input lies in the working folder, which is searched first.
    result = subprocess.run(command, input=source, cwd=top, capture_output=True, text=True,
                            check=False)
    return "" if result.returncode == 0 else result.stderr.strip()


def violations(top, compiler):
    for name, _ in tree.files(top, tree.PRODUCT, (".h",)):
        if os.path.basename(name) in tree.INCLUDED_TEXT:
            continue
        for bits in ("32", "64") if name.startswith("core/") else ("32",):
            problem = compile_alone(top, compiler, name, [f"-DSBMT_REAL_BITS={bits}"])
            if problem:
                yield f"{name}:1: does not compile by itself ({bits}-bit reals):\n{problem}"


if __name__ == "__main__":
    tree.report(violations(sys.argv[1], sys.argv[2:] or ["cc"]))
