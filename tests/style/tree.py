"""What the style checks share: the files of a source tree, C without comments, the closing report.

Every check is a program `check.py TOP …` with a function that yields violations, one line each,
`file:line: what is wrong`; selftest.py runs them on small trees that break each rule.
"""
import pathlib
import re
import sys

PRODUCT = ("core", "data", "bench", "cli")
C_FOLDERS = PRODUCT + ("tests",)
SKIPPED_TEST = 77

# Not headers of their own but text for whoever includes them: lists of macro calls, and kernels
# written once for any width of vector.
INCLUDED_TEXT = ("list.h", "vector_butterfly.h", "vector_edges.h", "vector_functions.h",
                 "vector_kernels.h", "vector_products.h", "vector_rows.h",
                 "vector_skips.h")

_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|' r"'(?:\\.|[^'\\\n])*'", re.S)


def files(top, folders, suffixes):
    """The files below some folders that have one of the suffixes, sorted, as (name, path)."""
    top = pathlib.Path(top)
    for folder in folders:
        for path in sorted((top / folder).rglob("*")):
            if path.suffix in suffixes and path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(top).as_posix(), path


def c_files(top, folders=C_FOLDERS):
    return files(top, folders, (".c", ".h"))


def read(path):
    return path.read_text(encoding="utf-8")


def without_comments(text, keep_strings=False):
    """C source with comments (and the inside of strings) removed, line numbers kept."""

    def replace(match):
        token = match.group(0)
        if token[0] == '"':
            return token if keep_strings else '""'
        if token[0] == "'":
            return token
        return " " + "\n" * token.count("\n")

    return _TOKEN.sub(replace, text)


def report(violations):
    """Prints the violations and ends the program: 1 if there were any."""
    violations = list(violations)
    for line in violations:
        print(line)
    sys.exit(1 if violations else 0)


def skip(reason):
    print(reason)
    sys.exit(SKIPPED_TEST)
