#!/usr/bin/env python3
"""Only the objects of the AVX libraries hold AVX instructions, so old processors never meet one.

usage: instructions.py BUILD [COMPILER OPTION…]
"""
import pathlib
import platform
import re
import subprocess
import sys

import tree

# VEX and EVEX instructions begin with v and name a vector register.
VECTOR = re.compile(r"^\s*[0-9a-f]+:\s+(v[a-z0-9]+\s+.*%[xyz]mm\d+)")
FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:")


def first_vector_instruction(path):
    output = subprocess.run(["objdump", "-d", "--no-show-raw-insn", str(path)],
                            capture_output=True, text=True, check=True).stdout
    function = ""
    for line in output.splitlines():
        match = FUNCTION.match(line)
        if match:
            function = match.group(1)
        match = VECTOR.match(line)
        if match:
            return function, " ".join(match.group(1).split())
    return None


def violations(build):
    count = 0
    for name, path in tree.files(build, tree.PRODUCT, (".o",)):
        if "_avx" in name.split(".a.p/")[0]:
            continue
        count += 1
        found = first_vector_instruction(path)
        if found:
            yield f"{name}: {found[0]}: {found[1]}"
    if count == 0:
        yield f"{build}: there are no objects; compile first"


if __name__ == "__main__":
    if platform.machine() not in ("x86_64", "amd64"):
        tree.skip("not an x86-64 machine")
    if any(option.startswith(("-march", "-mavx")) for option in sys.argv[2:]):
        tree.skip("built for one kind of processor on purpose")
    tree.report(violations(sys.argv[1]))
