#!/usr/bin/env python3
"""Includes follow the directions of the house, libraries are confined, only cli prints or exits.

usage: layers.py TOP
"""
import collections
import pathlib
import re
import sys

import tree

BASE = ("core/base/",)
PASS = BASE + ("core/pass.h",)
NUMERIC = PASS + ("core/kernels/",)

# What a folder may include; the longest matching name counts. Directions are those of
# CONTRIBUTING.md.
ALLOWED = {
    "core/base/": BASE,
    "core/pass.": PASS,
    "core/io/": BASE + ("core/io/",),
    "core/kernels/": BASE + ("core/kernels/",),
    "core/graph/": NUMERIC + ("core/graph/",),
    "core/nn/": NUMERIC + ("core/nn/",),
    "core/attention/": NUMERIC
    + ("core/attention/", "core/nn/", "core/graph/", "core/model/params.h"),
    "core/model/": NUMERIC + ("core/model/", "core/attention/", "core/nn/", "core/graph/"),
    "core/train/": NUMERIC + ("core/train/", "core/model/", "core/io/", "core/nn/"),
    "data/": BASE + ("core/io/", "core/model/batch.h", "data/"),
    "bench/": ("core/", "data/", "bench/"),
    "cli/": ("core/", "data/", "bench/", "cli/"),
    "tests/": ("core/", "data/", "bench/", "cli/", "tests/"),
}

# Headers with a place of their own.
CONFINED = {
    "cblas.h": ("core/kernels/gemm.c",),
    "pthread.h": ("core/base/thread.c",),
    "png.h": ("data/png.c",),
    "utf8proc.h": ("data/unicode.c", "core/io/utf8.c"),
    "yaml.h": ("bench/",),
    "immintrin.h": ("core/kernels/",),
    "check.h": ("tests/",),
}

# C11, POSIX and glibc; every other header in <> is a library's and stays in two files at the most.
SYSTEM = frozenset(
    """assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal
    stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads
    time uchar wchar wctype byteswap cpuid dirent endian fcntl ftw getopt glob langinfo libgen poll
    pwd sched semaphore spawn strings termios unistd utime pthread immintrin""".split())
MOST_FILES_OF_A_LIBRARY = 2

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
ONLY_IN_CLI = re.compile(
    r"\b(printf|vprintf|puts|putchar|perror|exit|_exit|_Exit|quick_exit|abort|getenv|secure_getenv)"
    r"\s*\(|\b(stdout|stderr|environ)\b")


def room(name):
    return max((key for key in ALLOWED if name.startswith(key)), key=len, default=None)


def check_project_include(top, name, header):
    own = room(name)
    if own is None:
        return f"{name} is in no folder of the house"
    # A header that the build writes stands in the tree as what it is written from.
    if not any(pathlib.Path(top, header + end).is_file() for end in ("", ".in")):
        return f'"{header}" is not the path of a file from the top of the tree'
    if not header.startswith(ALLOWED[own]):
        return f'{own.rstrip("/")} must not include "{header}"'
    return None


def is_system(header):
    return header.startswith(("sys/", "sanitizer/", "linux/")) or header[:-2] in SYSTEM


def includes(path):
    text = tree.without_comments(tree.read(path), keep_strings=True)
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1), match.group(2)


def include_violations(top):
    users = collections.defaultdict(set)
    for name, path in tree.c_files(top):
        for number, own, other in includes(path):
            if own is not None:
                problem = check_project_include(top, name, own)
                if problem:
                    yield f"{name}:{number}: {problem}"
                continue
            places = CONFINED.get(other.rsplit("/", 1)[-1])
            if places and not name.startswith(places + ("tests/",)):
                yield f"{name}:{number}: <{other}> belongs in {' and '.join(places)}"
            if not is_system(other) and not name.startswith("tests/"):
                users[other].add(name)
    for header, names in sorted(users.items()):
        if len(names) > MOST_FILES_OF_A_LIBRARY:
            yield (f"{min(names)}:1: <{header}> is included by {len(names)} files "
                   f"({', '.join(sorted(names))}); confine it to {MOST_FILES_OF_A_LIBRARY}")


def call_violations(top):
    for name, path in tree.c_files(top, ("core", "data", "bench")):
        text = tree.without_comments(tree.read(path))
        for number, line in enumerate(text.splitlines(), 1):
            for match in ONLY_IN_CLI.finditer(line):
                word = match.group(1) or match.group(2)
                yield f"{name}:{number}: {word}: only cli prints, exits or reads the environment"


def violations(top):
    yield from include_violations(top)
    yield from call_violations(top)


if __name__ == "__main__":
    tree.report(violations(sys.argv[1]))
