#!/usr/bin/env python3
"""Rows that Python's csv module loses of files of GLUE, as docs/glue.md has them.

usage: glue_quotes.py FOLDER          the folder glue/
"""
import csv
import io
import pathlib
import sys


def lost(text):
    """Lines less rows: what is joined to the line before."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter="\t")
    return len(text.rstrip("\n").split("\n")) - sum(1 for _ in rows)


def main():
    csv.field_size_limit(1 << 30)
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*/*.tsv")):
        text = path.read_bytes().decode("utf-8-sig")
        print(path.parent.name, path.name, lost(text), sep="\t")


if __name__ == "__main__":
    main()
