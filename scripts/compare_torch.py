#!/usr/bin/env python3
"""Times one training step of the ListOps model in sbmt and in PyTorch, side by side.

Both train the model of configs/lra/listops (2 layers, 2 heads, width 64, FFN 128, dropouts 0.1,
AdamW) on the same sequences of one length, with the same number of threads. The runs of both take
turns, each in a process of its own; in every run the first step is left out. Printed are medians
over the repeats, their range, the ratio with its range, and the largest resident memory of the
processes. PyTorch gets no padding mask, since there is no padding, and the fastest of several
thread settings, which are tried first: both favour PyTorch.

Needs PyTorch (Debian: python3-torch; then run this with /usr/bin/python3) and a built sbmt.

    scripts/compare_torch.py --threads 2 --json speed.json
"""
import pathlib
import random
import statistics
import tempfile

import side_by_side
from side_by_side import fail

KINDS = {"softmax": "softmax", "softmax-fused": "softmax", "sbm": "sbm"}
READER_LIMIT = 2000  # tokens; the ListOps reader cuts longer sequences


def parse_arguments():
    parser = side_by_side.argument_parser(__doc__)
    parser.add_argument("--attention", default="softmax,sbm",
                        help=f"kinds, separated by commas: {', '.join(KINDS)}; softmax-fused is "
                             "PyTorch's scaled_dot_product_attention (default: %(default)s)")
    parser.add_argument("--length", type=int, default=READER_LIMIT,
                        help="tokens of every sequence (default: %(default)s)")
    side_by_side.add_run_arguments(parser, batch=2)
    options = parser.parse_args()
    options.attention = options.attention.split(",")
    check_arguments(options)
    return options


def check_arguments(options):
    for kind in options.attention:
        if kind not in KINDS:
            fail(f"--attention: unknown kind '{kind}'; known are {', '.join(KINDS)}")
    side_by_side.check_least(options, ("length", 3))
    if options.length > READER_LIMIT and options.only != "torch":
        fail(f"--length: sbmt's ListOps reader cuts sequences at {READER_LIMIT} tokens; "
             "give at most that, or --only torch")


def write_split(path, count, length, source):
    """Flat expressions of exactly `length` tokens in the LRA ListOps format."""
    with open(path, "w", encoding="ascii", newline="") as file:
        file.write("Source\tTarget\r\n")
        for _ in range(count):
            digits = [source.randrange(10) for _ in range(length - 2)]
            words = " ".join(map(str, digits))
            file.write(f"[MAX {words} ]\t{max(digits)}\r\n")


def write_data(folder, options):
    listops = folder / "listops"
    listops.mkdir()
    source = random.Random(1)
    for split, count in (("train", options.batch * options.steps), ("val", 1), ("test", 1)):
        write_split(listops / f"basic_{split}.tsv", count, options.length, source)


def mean_density(densities):
    known = [density for density in densities if density not in (None, -1)]
    return statistics.mean(known) if known else None


class Torch(side_by_side.TorchSide):
    script = "torch_listops.py"

    def __init__(self, folder, options):
        super().__init__(options)
        self.data = folder / "listops/basic_train.tsv"
        if "softmax-fused" in options.attention and not self.info["fused"]:
            fail(f"--attention: PyTorch {self.info['version']} has no "
                 "scaled_dot_product_attention; leave softmax-fused out")
        for kind in options.attention:
            self.choose(kind)

    def measure(self, kind, repeat):
        result, peak = self.train(kind, repeat, "--attention", kind, "--data", self.data,
                                  "--batch", self.options.batch)
        return {**result, "peak": peak}


class Sbmt(side_by_side.SbmtSide):
    def __init__(self, folder, options):
        super().__init__(options)
        self.folder = folder
        # Makes the prepared files, so that no run that counts does.
        for kind in sorted({KINDS[kind] for kind in options.attention}):
            self.measure(kind, 0)

    def measure(self, kind, repeat):
        options = self.options
        steps, peak = self.train(f"lra/listops/{KINDS[kind]}.yaml", repeat, self.folder, {
            "train.steps": options.steps, "train.warmup_steps": 1,
            "train.shards": min(options.batch, 16)})
        side_by_side.check_tokens(steps, options.batch * options.length)
        return {"seconds": [step["seconds"] for step in steps],
                "density": mean_density(step.get("density") for step in steps), "peak": peak}


def summarise(runs):
    result = side_by_side.summarise(runs)
    for name, measured in runs.items():
        result[name]["density"] = mean_density(one["density"] for one in measured)
    return result


def density_text(row):
    return "" if row["density"] is None else f"{row['density']:.3f}"


def main():
    options = parse_arguments()
    with tempfile.TemporaryDirectory(prefix="sbmt-compare-") as name:
        folder = pathlib.Path(name)
        write_data(folder, options)
        report = side_by_side.begin_report(options)
        sides = [side(folder, options) for side in (Torch, Sbmt)
                 if options.only in (None, side.name)]
        report.update({side.name: side.info for side in sides})
        side_by_side.print_setting(
            report, "{batch} sequences of {length} tokens, {threads} threads, {repeats} runs of "
                    "{steps} steps".format(**vars(options)))
        report["runs"] = side_by_side.take_turns(sides, options.attention, options.repeats)
    report["results"] = {kind: summarise(runs) for kind, runs in report["runs"].items()}
    side_by_side.print_table("attention", report["results"], [("density", 9, density_text)])
    side_by_side.write_json(options.json, report)


if __name__ == "__main__":
    main()
