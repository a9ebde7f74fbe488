#!/usr/bin/env python3
"""Times one fine-tuning step of a model of BERT-base's shape in sbmt and in PyTorch, side by side.

Both train 12 layers, 12 heads, width 768, FFN 3072 and the whole vocabulary from random weights,
with dropouts 0.1, clipped gradients and AdamW, on sentences of SST-2; PyTorch computes
nn.TransformerEncoder with a padding mask on batches padded to their longest sentence, sbmt computes
nothing on padding. All steps of a run are of one batch, which both get, and the next repeat draws
another one, so that both compute the same; in every run the first step is left out. The runs of
both take turns, each in a process of its own. PyTorch gets the fastest of several thread settings,
which are tried first, and its batches are padded before the clock starts: both favour PyTorch.

Printed are medians over the repeats with their range: seconds of a step, tokens a second (those of
the sentences, never padding), and the share of the peak of matrix products. That is what the linear
layers need by formula (three times a forward pass, for the tokens of the sentences alone) in the
time of the whole step, of what `sbmt bench kernels` reaches on a thread, times the threads.

Needs PyTorch (Debian: python3-torch; then run this with /usr/bin/python3), a built sbmt, and some
gigabytes of memory and of temporary files ($TMPDIR).

    scripts/compare_bert.py --data datasets --vocabulary vocab.txt --threads 2
    scripts/compare_bert.py --equal 128 --vocabulary vocab.txt --threads 2
"""
import itertools
import json
import pathlib
import random
import statistics
import tempfile

import side_by_side
from side_by_side import fail

CLASSES = 2
MAX_LENGTH = 128  # tokens; longer sentences are cut
FILE = "glue/SST-2/train.tsv"


def parse_arguments():
    parser = side_by_side.argument_parser(__doc__)
    parser.add_argument("--vocabulary", required=True, metavar="FILE", help="BERT's vocab.txt")
    lengths = parser.add_mutually_exclusive_group(required=True)
    lengths.add_argument("--data", metavar="DIR", help=f"draw sentences from {FILE} below it")
    lengths.add_argument("--equal", type=int, metavar="N",
                         help="instead give every sequence N tokens, special ones included")
    side_by_side.add_run_arguments(parser, batch=32)
    for name, value in (("layers", 12), ("width", 768), ("heads", 12), ("ffn", 3072)):
        parser.add_argument(f"--{name}", type=int, default=value, help="(default: %(default)s)")
    options = parser.parse_args()
    side_by_side.check_least(options, ("layers", 1), ("width", 1), ("heads", 1), ("ffn", 1))
    if options.equal is not None:
        side_by_side.check_least(options, ("equal", 3))
    if options.width % options.heads:
        fail(f"--width: {options.width} is not a multiple of --heads {options.heads}")
    options.vocabulary = str(pathlib.Path(options.vocabulary).resolve())
    return options


def read_lines(path):
    """Lines end with \\n alone: sentences and vocabularies have other separators within."""
    try:
        text = pathlib.Path(path).read_text(encoding="utf-8")
        return text.removesuffix("\n").split("\n")
    except OSError as error:
        return fail(f"{path}: {error.strerror}")


def sst2_sentences(options):
    """Of each repeat a batch of (sentence, label), drawn without repetition, always the same."""
    path = pathlib.Path(options.data) / FILE
    rows = [line.rsplit("\t", 1) for line in read_lines(path)[1:]]
    wanted = options.batch * options.repeats
    if len(rows) < wanted:
        fail(f"{path}: has {len(rows)} sentences, --batch times --repeats is {wanted}")
    drawn = iter(random.Random(1).sample(rows, wanted))
    return [list(itertools.islice(drawn, options.batch)) for _ in range(options.repeats)]


def equal_sentences(options):
    """Of each repeat a batch of one sentence, --equal N tokens long, with both labels."""
    words = read_lines(options.vocabulary)
    word = next((word for word in words if word.isascii() and word.isalpha() and word.islower()),
                None)
    if word is None:
        fail(f"{options.vocabulary}: has no word of small letters")
    sentence = " ".join([word] * (options.equal - 2))
    return [[(sentence, str(i % CLASSES)) for i in range(options.batch)]] * options.repeats


class Batches:
    """Files of the batch of each repeat: below root(repeat) the task for sbmt, whose training set
    is the batch, and ids(repeat) for PyTorch."""

    def __init__(self, folder, options, binary):
        self.folder = folder
        self.max_length = options.equal or MAX_LENGTH
        sentences = equal_sentences(options) if options.equal else sst2_sentences(options)
        self.lengths = [self.write(repeat, rows, options, binary)
                        for repeat, rows in enumerate(sentences)]

    def root(self, repeat):
        return self.folder / f"batch{repeat}"

    def ids(self, repeat):
        return self.root(repeat) / "ids.txt"

    def write(self, repeat, rows, options, binary):
        """The tokens of each sentence."""
        files = (self.root(repeat) / FILE).parent
        files.mkdir(parents=True)
        for split, part in (("train", rows), ("dev", rows[:1])):
            text = "".join(f"{sentence}\t{label}\n" for sentence, label in part)
            (files / f"{split}.tsv").write_text("sentence\tlabel\n" + text, encoding="utf-8")
        (files / "test.tsv").write_text(f"index\tsentence\n0\t{rows[0][0]}\n", encoding="utf-8")
        texts = self.root(repeat) / "texts.txt"
        texts.write_text("".join(f"{sentence}\n" for sentence, _ in rows), encoding="utf-8")
        ids, _ = side_by_side.run([binary, "data", "tokenize", str(texts), "--length",
                                   str(self.max_length), "--vocab", options.vocabulary])
        self.ids(repeat).write_text(ids, encoding="ascii")
        lengths = [len(line.split()) for line in ids.splitlines()]
        if options.equal and set(lengths) != {options.equal}:
            fail(f"{options.vocabulary}: sequences have {lengths[0]} tokens, not {options.equal}")
        return lengths

    def tokens(self, repeat):
        return sum(self.lengths[repeat])

    def padded_tokens(self, repeat):
        return len(self.lengths[repeat]) * max(self.lengths[repeat])


def linear_operations(options, tokens):
    """Of the linear layers in a training step: two a multiply-add, and the gradients of inputs and
    of weights cost a forward pass each."""
    layer = 4 * options.width ** 2 + 2 * options.width * options.ffn
    classifier = options.width ** 2 + options.width * CLASSES
    return 3 * 2 * (options.layers * layer * tokens + classifier * options.batch)


def gemm_peak(binary):
    """Operations a second of the fastest matrix product on one thread."""
    text, _ = side_by_side.run([binary, "bench", "kernels", "--lengths", "64", "--densities", "0.1",
                                "--json"])
    return 1e9 * json.loads(text)["machine"]["gemm_gflops"]


class Torch(side_by_side.TorchSide):
    script = "torch_bert.py"

    def __init__(self, subject, batches, options):
        super().__init__(options)
        self.batches = batches
        self.words = len(read_lines(options.vocabulary))
        self.choose(subject)

    def measure(self, subject, repeat):
        shape = (f"--{name}={getattr(self.options, name)}"
                 for name in ("layers", "width", "heads", "ffn"))
        result, peak = self.train(subject, repeat, "--data", self.batches.ids(repeat), "--words",
                                  self.words, "--positions", self.batches.max_length, *shape)
        for name in ("tokens", "padded_tokens"):
            if result[name] != getattr(self.batches, name)(repeat):
                fail(f"PyTorch had {result[name]} {name}, expected "
                     f"{getattr(self.batches, name)(repeat)}")
        return {**result, "peak": peak}


class Sbmt(side_by_side.SbmtSide):
    def __init__(self, _, batches, options):
        super().__init__(options)
        self.batches = batches

    def measure(self, _, repeat):
        options = self.options
        tokens = self.batches.tokens(repeat)
        steps, peak = self.train("glue/sst-2/softmax.yaml", repeat, self.batches.root(repeat), {
            "tokenizer.folder": options.vocabulary, "tokenizer.max_length": self.batches.max_length,
            "model.layers": options.layers, "model.dim": options.width,
            "model.heads": options.heads, "model.ffn_dim": options.ffn,
            "model.classifier_dim": options.width,
            # An epoch is a step.
            "train.epochs": options.steps, "train.shards": min(options.batch, 8)})
        side_by_side.check_tokens(steps, tokens)
        return {"seconds": [step["seconds"] for step in steps], "tokens": tokens, "peak": peak}


def summarise(runs, options, peak):
    """With tokens a second, and the share that the linear layers reach of `peak`."""
    result = side_by_side.summarise(runs)
    for name, measured in runs.items():
        seconds = side_by_side.step_seconds(measured)
        tokens = [one["tokens"] for one in measured]
        result[name]["tokens_per_second"] = side_by_side.summary(
            [t / s for t, s in zip(tokens, seconds)])
        result[name]["share_of_peak"] = side_by_side.summary(
            [linear_operations(options, t) / s / peak for t, s in zip(tokens, seconds)])
    return result


def range_text(key, form):
    """A function from a row to the text of its median and range."""
    def text(row):
        values = row[key]
        return (f"{values['median']:{form}} ({values['min']:{form}} to "
                f"{values['max']:{form}})")
    return text


def setting_text(options, batches):
    repeats = range(options.repeats)
    lengths = sum(batches.lengths, [])
    share = 1 - (sum(map(batches.tokens, repeats)) / sum(map(batches.padded_tokens, repeats)))
    return (f"{options.layers} layers, width {options.width}, {options.heads} heads, FFN "
            f"{options.ffn}; {options.batch} sequences of {min(lengths)} to {max(lengths)} tokens, "
            f"{statistics.mean(lengths):.1f} on average, padded batches have {100 * share:.0f} % "
            f"padding; {options.threads} threads, {options.repeats} runs of {options.steps} steps")


def main():
    options = parse_arguments()
    binary = side_by_side.find_sbmt(options.sbmt)
    subject = f"{options.equal} tokens" if options.equal else "SST-2"
    with tempfile.TemporaryDirectory(prefix="sbmt-compare-") as name:
        report = side_by_side.begin_report(options)
        batches = Batches(pathlib.Path(name), options, binary)
        report["lengths"] = batches.lengths
        peaks = [gemm_peak(binary)]
        sides = [side(subject, batches, options) for side in (Torch, Sbmt)
                 if options.only in (None, side.name)]
        report.update({side.name: side.info for side in sides})
        side_by_side.print_setting(report, setting_text(options, batches))
        report["runs"] = side_by_side.take_turns(sides, [subject], options.repeats)
        peaks.append(gemm_peak(binary))
    report["thread_peaks"] = peaks
    report["results"] = {subject: summarise(report["runs"][subject], options,
                                            options.threads * max(peaks))}
    print(f"peak of matrix products: {max(peaks) / 1e9:.1f} GFLOP/s a thread, the larger of "
          f"{peaks[0] / 1e9:.1f} before and {peaks[1] / 1e9:.1f} after")
    side_by_side.print_table("lengths", report["results"], [
        ("tokens/s", 26, range_text("tokens_per_second", ".0f")),
        ("linear layers of peak", 26, range_text("share_of_peak", ".1%"))])
    side_by_side.write_json(options.json, report)


if __name__ == "__main__":
    main()
