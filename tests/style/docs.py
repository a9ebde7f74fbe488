#!/usr/bin/env python3
"""Paths and suites that the documentation names exist, and its diffs are what is in the tree.

usage: docs.py TOP
"""
import pathlib
import re
import sys

import tree

DOCUMENTS = ("README.md", "CONTRIBUTING.md")
# A path with a folder of the house in front; patterns with … * < { are not names.
NAMED = re.compile(r"(?<![\w./*-])((?:core|data|bench|cli|configs|docs|scripts|tests)/[\w./-]*\w)"
                   r"(?![\w*<{…/]*[*<{…])")
SUITE_FLAG = re.compile(r"--suite (\w+)")
IMAGE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")


def path_violations(top, name, text):
    for number, line in enumerate(text.splitlines(), 1):
        for path in sorted(set(NAMED.findall(line) + IMAGE.findall(line))):
            if not pathlib.Path(top, path).exists():
                yield f"{name}:{number}: there is no {path}"


def suites(top):
    """The suites that the build files of the tests register."""
    found = set()
    for path in sorted(pathlib.Path(top, "tests").rglob("meson.build")):
        found.update(re.findall(r"suite: '(\w+)'", tree.read(path)))
    return found


def suite_violations(top, name, text):
    """The cells of a column `suite` and the words after --suite are suites."""
    known, column = suites(top), -1
    for number, line in enumerate(text.splitlines(), 1):
        named = SUITE_FLAG.findall(line)
        cells = [cell.strip() for cell in line.split("|")]
        if "suite" in cells:
            column = cells.index("suite")
        elif not line.startswith("|"):
            column = -1
        elif column >= 0 and not line.startswith("|---"):
            named += re.split(r",\s*", cells[column])
        for suite in named:
            if suite not in known:
                yield f"{name}:{number}: there is no test suite {suite}"


def diff_violations(top, name, text):
    """Every line that a diff in the text adds stands in the file that it is added to."""
    lines, in_diff = set(), False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            in_diff = line == "```diff"
        elif in_diff and line.startswith("+++ b/"):
            path = pathlib.Path(top, line[len("+++ b/"):])
            lines = set(tree.read(path).splitlines()) if path.is_file() else set()
        elif in_diff and line.startswith("+") and line[1:] not in lines:
            yield f"{name}:{number}: the file does not have this line"


def violations(top):
    for name in DOCUMENTS:
        path = pathlib.Path(top, name)
        if path.is_file():
            text = tree.read(path)
            yield from path_violations(top, name, text)
            yield from suite_violations(top, name, text)
            yield from diff_violations(top, name, text)


if __name__ == "__main__":
    tree.report(violations(sys.argv[1]))
