#!/usr/bin/env python3
"""Sizes, blanks, header guards, and words that do not belong into the project.

usage: text.py TOP
"""
import os
import re
import sys

import tree

MOST_LINES = 600
MOST_COLUMNS = 100
LONG_FUNCTION = 50
SOURCE = (".c", ".h", ".py", ".sh", ".build")
TEXT = SOURCE + (".md", ".yaml", ".yml", "")
FOLDERS = tree.C_FOLDERS + ("configs", "docs", "scripts", ".ci")
ROOT = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "meson.build")

# Written so that this file does not contain them.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:wor[k]|hom[e]|roo[t])/|\.\./share[d]\b|\.librar[y]\b")
UNFINISHED = re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X]|HAC[K])\b")
SCRATCH_PATH = re.compile(r"/tm[p]/")


def text_files(top):
    for name in ROOT:
        path = tree.pathlib.Path(top, name)
        if path.is_file():
            yield name, path
    yield from tree.files(top, FOLDERS, TEXT)


def word_violations(name, text):
    in_docs = name.startswith(("docs/", "configs/", "README", "CONTRIBUTING", "CHANGELOG"))
    for number, line in enumerate(text.splitlines(), 1):
        if MACHINE_PATH.search(line) or (in_docs and SCRATCH_PATH.search(line)):
            yield f"{name}:{number}: a path of one machine"
        if UNFINISHED.search(line):
            yield f"{name}:{number}: a mark of unfinished work"


def layout_violations(name, text):
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line or "\r" in line:
            yield f"{name}:{number}: a tab or carriage return"
        if line != line.rstrip(" "):
            yield f"{name}:{number}: blanks at the end of the line"
        if len(line) > MOST_COLUMNS:
            yield f"{name}:{number}: {len(line)} columns; the most is {MOST_COLUMNS}"
    if text and not text.endswith("\n"):
        yield f"{name}:{text.count(chr(10)) + 1}: no newline at the end of the file"
    if text.endswith("\n\n"):
        yield f"{name}:{text.count(chr(10))}: empty lines at the end of the file"


def guard(name):
    return "SBMT_" + re.sub(r"[/.]", "_", name).upper()


def guard_violations(name, text):
    if os.path.basename(name) in tree.INCLUDED_TEXT:
        return
    expected = guard(name)
    directives = re.findall(r"^\s*#\s*(\w+)\s*(\w*)", tree.without_comments(text), re.M)
    if directives[:2] != [("ifndef", expected), ("define", expected)]:
        yield f"{name}:1: the header does not begin with the guard {expected}"


def violations(top):
    for name, path in text_files(top):
        try:
            text = tree.read(path)
        except UnicodeDecodeError:
            yield f"{name}:1: not UTF-8"
            continue
        yield from word_violations(name, text)
        if path.suffix in SOURCE:
            lines = text.count("\n")
            if lines > MOST_LINES:
                yield f"{name}:{lines}: more than {MOST_LINES} lines; split it by idea"
        if path.suffix in (".c", ".h", ".py"):
            yield from layout_violations(name, text)
        if path.suffix == ".h":
            yield from guard_violations(name, text)


def long_functions(top):
    """Functions that do not fit a screen: worth a look, not an error."""
    for name, path in tree.c_files(top):
        start = None
        for number, line in enumerate(tree.read(path).splitlines(), 1):
            if line == "{":
                start = number
            elif line == "}" and start is not None:
                if number - start - 1 > LONG_FUNCTION:
                    yield f"note: {name}:{start}: a function of {number - start - 1} lines"
                start = None


if __name__ == "__main__":
    for note in long_functions(sys.argv[1]):
        print(note)
    tree.report(violations(sys.argv[1]))
