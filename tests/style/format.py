#!/usr/bin/env python3
"""C files are laid out as clang-format 14 lays them out (other versions differ in details).

usage: format.py TOP
"""
import re
import shutil
import subprocess
import sys

import tree

VERSION = "14"


def formatter():
    """The command of the right version, or None."""
    for command in (f"clang-format-{VERSION}", "clang-format"):
        if shutil.which(command):
            text = subprocess.run([command, "--version"], capture_output=True, text=True,
                                  check=True).stdout
            if re.search(rf"version {VERSION}\.", text):
                return command
    return None


def violations(top, command):
    names = [name for name, _ in tree.c_files(top)]
    if not names:
        return
    result = subprocess.run([command, "--dry-run", "-Werror", "--style=file", *names], cwd=top,
                            capture_output=True, text=True, check=False)
    seen = set()
    for line in result.stderr.splitlines():
        match = re.match(r"(.*?):(\d+):\d+: error: ", line)
        if match and match.group(1) not in seen:
            seen.add(match.group(1))
            yield f"{match.group(1)}:{match.group(2)}: run {command} -i on this file"
    if result.returncode != 0 and not seen:
        yield f"{command} failed: {result.stderr.strip()}"


if __name__ == "__main__":
    found = formatter()
    if found is None:
        tree.skip(f"clang-format {VERSION} is not installed")
    tree.report(violations(sys.argv[1], found))
