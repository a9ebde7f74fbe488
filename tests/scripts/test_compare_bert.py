#!/usr/bin/env python3
"""scripts/compare_bert.py on a model of some thousand weights.

usage: test_compare_bert.py TOP SBMT
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import types

import tap

TOP = pathlib.Path(sys.argv[1]).resolve()
SBMT = str(pathlib.Path(sys.argv[2]).resolve())
WORDS = ("a", "good", "film", "without", "plot")
SENTENCES = 40
SHAPE = ("--layers=1", "--width=8", "--heads=2", "--ffn=16", "--batch=4", "--steps=2",
         "--threads=1")

sys.path.insert(0, str(TOP / "scripts"))
import compare_bert  # pylint: disable=wrong-import-position
import side_by_side  # pylint: disable=wrong-import-position


def sentence(number):
    """One of 1 to 5 words, so of 3 to 7 tokens."""
    return " ".join(WORDS[: 1 + number % len(WORDS)])


class World:
    """A data root with an SST-2 of its own, and a vocabulary."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="sbmt-compare-bert-")
        self.root = pathlib.Path(self.folder.name)
        path = self.root / "glue/SST-2/train.tsv"
        path.parent.mkdir(parents=True)
        rows = "".join(f"{sentence(i)}\t{i % 2}\n" for i in range(SENTENCES))
        path.write_text("sentence\tlabel\n" + rows, encoding="utf-8")
        self.vocabulary = self.root / "vocab.txt"
        self.vocabulary.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS])
                                   + "\n", encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def compare(self, *arguments, python=sys.executable):
        """(exit code, all output, what --json wrote)."""
        path = self.root / "speed.json"
        result = subprocess.run(
            [python, str(TOP / "scripts/compare_bert.py"), "--sbmt", SBMT, "--vocabulary",
             str(self.vocabulary), "--json", str(path), *SHAPE, *arguments],
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        report = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
        return result.returncode, result.stdout + result.stderr, report

    def options(self, **more):
        return types.SimpleNamespace(**{"data": str(self.root), "vocabulary": str(self.vocabulary),
                                        "equal": None, "batch": 4, "repeats": 3, **more})


def python_with_torch():
    for python in (sys.executable, "/usr/bin/python3"):
        if pathlib.Path(python).exists() and subprocess.run(
                [python, "-c", "import torch"], capture_output=True, check=False).returncode == 0:
            return python
    raise tap.Skip("no PyTorch")


def test_batches_are_those_of_the_file():
    with World() as world:
        drawn = compare_bert.sst2_sentences(world.options())
        rows = [row for batch in drawn for row in batch]
        assert [len(batch) for batch in drawn] == [4, 4, 4]
        known = [(sentence(i), str(i % 2)) for i in range(SENTENCES)]
        assert all(known.count(tuple(row)) >= sum(row == other for other in rows) for row in rows)
        assert drawn == compare_bert.sst2_sentences(world.options())
        assert drawn[0] != drawn[1]


def test_lengths_are_those_of_the_tokenizer():
    with World() as world:
        folder = world.root / "batches"
        batches = compare_bert.Batches(folder, world.options(), SBMT)
        for repeat in range(3):
            texts = (batches.root(repeat) / "texts.txt").read_text(encoding="utf-8").splitlines()
            lengths = [2 + len(text.split()) for text in texts]
            assert batches.lengths[repeat] == lengths
            assert batches.tokens(repeat) == sum(lengths)
            assert batches.padded_tokens(repeat) == 4 * max(lengths)


def test_operations_of_bert_base():
    options = types.SimpleNamespace(layers=12, width=768, ffn=3072, batch=0)
    weights = 12 * (4 * 768 * 768 + 2 * 768 * 3072)
    assert compare_bert.linear_operations(options, 1) == 6 * weights
    options.batch = 1
    assert compare_bert.linear_operations(options, 0) == 6 * (768 * 768 + 768 * 2)


def test_other_tokens_are_an_error():
    side_by_side.check_tokens([{"step": 1, "tokens": 20}], 20)
    try:
        side_by_side.check_tokens([{"step": 1, "tokens": 20}, {"step": 2, "tokens": 19}], 20)
    except SystemExit as error:
        assert "step 2 had 19 tokens, expected 20" in str(error), error
    else:
        raise AssertionError("19 tokens passed for 20")


def test_equal_lengths():
    with World() as world:
        code, output, report = world.compare("--equal", "9", "--repeats", "2", "--only", "sbmt")
        assert code == 0, output
        assert report["lengths"] == [[9] * 4] * 2
        result = report["results"]["9 tokens"]
        assert list(result) == ["sbmt"]
        runs = report["runs"]["9 tokens"]["sbmt"]
        assert [len(one["seconds"]) for one in runs] == [1, 1]
        rates = sorted(36 / one["seconds"][0] for one in runs)
        assert abs(result["sbmt"]["tokens_per_second"]["max"] / rates[1] - 1) < 1e-9
        share = 6 * (512 * 36 + 80 * 4) / 36 * rates[1] / max(report["thread_peaks"])
        assert abs(result["sbmt"]["share_of_peak"]["max"] / share - 1) < 1e-9


def test_both_sides():
    python = python_with_torch()
    with World() as world:
        code, output, report = world.compare("--data", str(world.root), "--repeats", "1",
                                             python=python)
        assert code == 0, output
        runs = report["runs"]["SST-2"]
        lengths = report["lengths"][0]
        assert runs["torch"][0]["tokens"] == runs["sbmt"][0]["tokens"] == sum(lengths)
        assert runs["torch"][0]["padded_tokens"] == 4 * max(lengths)
        ratio = runs["torch"][0]["seconds"][0] / runs["sbmt"][0]["seconds"][0]
        assert abs(report["results"]["SST-2"]["ratio"]["median"] / ratio - 1) < 1e-9
        assert "times as fast" in output and "chosen" in output, output


def test_wrong_arguments():
    with World() as world:
        for arguments, said in (
                (("--data", str(world.root), "--repeats", "11"), "has 40 sentences"),
                (("--data", str(world.root / "nowhere")), "train.tsv: No such file"),
                (("--equal", "2"), "--equal: 2 is less than 3"),
                (("--equal", "9", "--heads=3"), "is not a multiple of --heads 3"),
                ((), "--data --equal is required")):
            code, output, _ = world.compare(*arguments)
            assert code != 0 and said in output, (arguments, output)


if __name__ == "__main__":
    tap.run(tap.functions(globals()))
