#!/usr/bin/env python3
"""Every style check accepts a clean tree and fails on a tree that breaks one of its rules.

usage: selftest.py COMPILER…
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

import docs
import format as layout
import headers
import instructions
import layers
import symbols
import tap
import text
import tree

COMPILER = sys.argv[1:] or ["cc"]
TOP = pathlib.Path(__file__).resolve().parents[2]

CLEAN = {
    "core/base/error.h": "#ifndef SBMT_CORE_BASE_ERROR_H\n#define SBMT_CORE_BASE_ERROR_H\n"
                         "#include <stdbool.h>\nint sbmt_error_code(bool fatal);\n#endif\n",
    "core/base/error.c": '/* printf() and "core/nn/x.h" in a comment count for nothing. */\n'
                         '#include "core/base/error.h"\n\n'
                         "static const char text[] = \"printf(stdout) exit(1)\";\n\n"
                         "int sbmt_error_code(bool fatal)\n{\n"
                         "    return fatal ? text[0] : 0;\n}\n",
    "core/model/batch.h": "#ifndef SBMT_CORE_MODEL_BATCH_H\n#define SBMT_CORE_MODEL_BATCH_H\n"
                          "#endif\n",
    "core/model/params.h": "#ifndef SBMT_CORE_MODEL_PARAMS_H\n#define SBMT_CORE_MODEL_PARAMS_H\n"
                           "#endif\n",
    "core/attention/list.h": "SBMT_ATTENTION(none)\n",
    "data/lines.c": '#include "core/model/batch.h"\n',
    "cli/main.c": "#include <stdio.h>\n\nint main(void)\n{\n    return puts(\"sbmt\") < 0;\n}\n",
}


class Tree:
    """A small source tree in a temporary folder: the clean one with some files changed."""

    def __init__(self, changes=None):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="sbmt-style-"))
        for name, content in {**CLEAN, **(changes or {})}.items():
            path = self.top / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")

    def __enter__(self):
        return self.top

    def __exit__(self, *_):
        shutil.rmtree(self.top)


def expect(found, *words):
    """Exactly one violation, which has all the words; none where no words are given."""
    found = list(found)
    if not words:
        assert not found, found
        return
    assert len(found) == 1, f"expected one violation, got {found}"
    for word in words:
        assert word in found[0], f"{word!r} is not in {found[0]!r}"


def expect_layers(name, line, *words):
    with Tree({name: line + "\n"}) as top:
        expect(layers.violations(top), f"{name}:1:", *words)


def expect_text(name, content, *words):
    with Tree({name: content}) as top:
        expect(text.violations(top), name, *words)


def test_clean_tree_passes():
    with Tree() as top:
        expect(layers.violations(top))
        expect(text.violations(top))
        expect(headers.violations(top, COMPILER))


def test_layers_upward_include():
    expect_layers("core/base/x.c", '#include "core/model/batch.h"', "core/base must not")
    expect_layers("core/io/x.c", '#include "core/model/batch.h"', "core/io must not")
    expect_layers("data/x.c", '#include "core/model/params.h"', "data must not")
    expect_layers("core/nn/x.c", '#include "core/model/params.h"', "core/nn must not")


def test_layers_allowed_exceptions():
    with Tree({"data/x.c": '#include "core/model/batch.h"\n',
               "core/attention/x.c": '#include "core/model/params.h"\n'}) as top:
        expect(layers.violations(top))


def test_layers_neighbour_folder():
    with Tree({"core/attention/x.c": '#include "core/model/batch.h"\n'}) as top:
        expect(layers.violations(top), "core/attention must not")


def test_layers_include_not_rooted():
    expect_layers("core/base/x.c", '#include "error.h"', "from the top")


def test_layers_file_outside_the_house():
    expect_layers("core/misc/x.c", '#include "core/base/error.h"', "no folder of the house")


def test_layers_confined_library():
    expect_layers("core/nn/x.c", "#include <cblas.h>", "core/kernels/gemm.c")
    expect_layers("core/train/x.c", "#include <pthread.h>", "core/base/thread.c")
    expect_layers("cli/x.c", "#include <yaml.h>", "bench/")
    with Tree({"core/kernels/gemm.c": "#include <cblas.h>\n",
               "core/base/thread.c": "#include <pthread.h>\n"}) as top:
        expect(layers.violations(top))


def test_layers_library_in_three_files():
    files = {f"data/{name}.c": "#include <zlib.h>\n" for name in "abc"}
    with Tree(files) as top:
        expect(layers.violations(top), "<zlib.h>", "3 files")
    del files["data/c.c"]
    with Tree(files) as top:
        expect(layers.violations(top))


def test_layers_only_cli_prints_and_exits():
    for line in ('void f(void) { printf("x"); }', "void f(void) { exit(1); }",
                 "char *f(void) { return getenv(0); }", "int f(void) { return fputs(0, stderr); }"):
        for folder in ("core/nn", "data", "bench"):
            expect_layers(f"{folder}/x.c", line, "only cli")


def test_headers_that_lean_on_others():
    header = "#ifndef SBMT_DATA_X_H\n#define SBMT_DATA_X_H\nsize_t sbmt_x(void);\n#endif\n"
    with Tree({"data/x.h": header}) as top:
        expect(headers.violations(top, COMPILER), "data/x.h:1", "size_t")


def test_headers_without_guard():
    header = "struct sbmt_x {\n    int y;\n};\n"
    with Tree({"data/x.h": header}) as top:
        expect(headers.violations(top, COMPILER), "data/x.h:1", "redefinition")


def test_headers_in_double():
    header = ("#ifndef SBMT_CORE_X_H\n#define SBMT_CORE_X_H\n#if SBMT_REAL_BITS == 64\n"
              "missing_type x;\n#endif\n#endif\n")
    with Tree({"core/x.h": header}) as top:
        expect(headers.violations(top, COMPILER), "core/x.h:1", "64-bit reals")


def test_text_layout():
    expect_text("core/base/x.c", "int x;\n\tint y;\n", "x.c:2:", "tab")
    expect_text("core/base/x.c", "int x; \n", "x.c:1:", "blanks")
    expect_text("core/base/x.c", "int x;\nint y;", "x.c:2:", "no newline")
    expect_text("core/base/x.c", "int x;\n\n", "empty lines")
    expect_text("core/base/x.c", "int " + "x" * 96 + ";\n", "101 columns")
    expect_text("core/base/x.c", "int x;\n" * 601, "more than 600 lines")


def test_text_guard_from_the_path():
    expect_text("data/x.h", "#ifndef X_H\n#define X_H\n#endif\n", "SBMT_DATA_X_H")
    expect_text("data/x.h", "#ifndef SBMT_DATA_X_H\n#define SBMT_DATA_Y_H\n#endif\n",
                "SBMT_DATA_X_H")


def test_text_words():
    expect_text("README.md", "see " + "/wor" + "k/main/data\n", "a path of one machine")
    expect_text("docs/x.md", "see " + "/tm" + "p/x\n", "a path of one machine")
    expect_text("scripts/x", "# TO" + "DO later\n", "unfinished work")


def test_text_notes_long_functions():
    body = "int sbmt_x(void)\n{\n" + "    ;\n" * 51 + "}\n"
    with Tree({"core/base/x.c": body}) as top:
        expect(text.long_functions(top), "core/base/x.c:2", "51 lines")
        expect(text.violations(top))


def expect_docs(content, *words):
    with Tree({"README.md": content}) as top:
        expect(docs.violations(top), *words)


def test_docs_paths():
    expect_docs("see core/base/error.h, `core/base/`, data/*.c, docs/<task>.md and tests/…\n")
    expect_docs("one line\nsee core/base/errors.h\n", "README.md:2:", "core/base/errors.h")
    expect_docs("![a picture](docs/results/x.png)\n", "docs/results/x.png")


def test_docs_diff():
    diff = "```diff\n--- a/core/attention/list.h\n+++ b/core/attention/list.h\n@@\n+SBMT_ATTENTION"
    expect_docs(diff + "(none)\n```\n")
    expect_docs(diff + "(window)\n```\n", "README.md:5:", "does not have this line")


def test_docs_suites():
    table = "| promise | suite |\n|---|---|\n| it holds | style, unit |\n"
    build = "test('x', suite: 'style')\ntest('y', suite: 'unit')\n"
    for content, words in (
            (table, []),
            (table.replace("unit", "faults"), ["README.md:3:", "no test suite faults"]),
            ("scripts/test --suite golden\n", ["README.md:1:", "no test suite golden"])):
        with Tree({"README.md": content, "scripts/test": "", "tests/meson.build": build}) as top:
            expect(docs.violations(top), *words)


def archive(top, source, *flags):
    """Compiles one file into core/libx.a and its object as meson lays them out."""
    folder = top / "core" / "libx.a.p"
    folder.mkdir(parents=True, exist_ok=True)
    (top / "x.c").write_text(source, encoding="utf-8")
    subprocess.run([*COMPILER, *flags, "-c", top / "x.c", "-o", folder / "x.c.o"], check=True)
    subprocess.run(["ar", "rcs", top / "core" / "libx.a", folder / "x.c.o"], check=True)


def expect_symbols(source, *words):
    with Tree() as top:
        archive(top, source)
        expect(symbols.violations(top), *words)


def test_symbols_prefix():
    expect_symbols("int sbmt_x(void) { return 1; }\nextern int y(void);\n"
                   "int sbmt_z(void) { return y(); }\n")
    expect_symbols("int x(void) { return 1; }\n", "external symbol x")


def test_symbols_state():
    expect_symbols("const int sbmt_x = 1;\nstatic const char *const n[] = {\"a\"};\n"
                   "const char *sbmt_n(int i) { return n[i]; }\n")
    expect_symbols("int sbmt_x = 1;\n", "sbmt_x is a variable in .data")
    expect_symbols("int sbmt_f(void) { static int count; return ++count; }\n", "variable in .bss")
    expect_symbols("int sbmt_f(void) { static _Thread_local int n; return ++n; }\n", ".tbss")


def test_symbols_without_archives():
    with Tree() as top:
        expect(symbols.violations(top), "no archives")


def test_instructions():
    if instructions.platform.machine() not in ("x86_64", "amd64"):
        return
    source = "void sbmt_f(float *x) { for (int i = 0; i < 64; i++) x[i] *= 2; }\n"
    for flags, words in (((), ()), (("-mavx2",), ("sbmt_f", "mm")), (("-mavx512f",), ("sbmt_f",))):
        with Tree() as top:
            archive(top, source, "-O3", *flags)
            expect(instructions.violations(top), *words)
    with Tree() as top:
        expect(instructions.violations(top), "no objects")


def test_instructions_in_their_own_library():
    if instructions.platform.machine() not in ("x86_64", "amd64"):
        return
    with Tree() as top:
        archive(top, "int sbmt_f(int x) { return x; }\n")
        archive_folder = top / "core" / "libkernels_avx2.a.p"
        archive_folder.mkdir()
        (top / "y.c").write_text("void sbmt_g(double *x) { x[0] *= 2; }\n", encoding="utf-8")
        subprocess.run([*COMPILER, "-O3", "-mavx2", "-c", top / "y.c", "-o",
                        archive_folder / "y.c.o"], check=True)
        expect(instructions.violations(top))


def test_format():
    command = layout.formatter()
    if command is None:
        return
    style = {".clang-format": tree.read(TOP / ".clang-format")}
    with Tree(style) as top:
        expect(layout.violations(top, command))
    with Tree({**style, "core/base/x.c": "int sbmt_x(void) {\n  return 1;\n}\n"}) as top:
        expect(layout.violations(top, command), "core/base/x.c:1", "run clang-format")


def test_comments_and_strings_are_removed():
    code = tree.without_comments('a /* exit(\n1) */ b "exit(1)" // exit(1)\nc \'"\' d "//" e')
    assert code == 'a  \n b ""  \nc \'"\' d "" e', code


if __name__ == "__main__":
    tap.run(tap.functions(globals()))
