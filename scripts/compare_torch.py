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
import argparse
import json
import os
import pathlib
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent
MODELS = TOP / "scripts" / "torch_listops.py"
KINDS = {"softmax": "softmax", "softmax-fused": "softmax", "sbm": "sbm"}
READER_LIMIT = 2000  # tokens; the ListOps reader cuts longer sequences


def fail(message):
    sys.exit(f"compare_torch.py: {message}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--sbmt", help="the binary; by default build/sbmt or build/cli/sbmt here, "
                                       "or the one on PATH")
    parser.add_argument("--only", choices=("torch", "sbmt"), help="time one of the two")
    parser.add_argument("--attention", default="softmax,sbm",
                        help=f"kinds, separated by commas: {', '.join(KINDS)}; softmax-fused is "
                             "PyTorch's scaled_dot_product_attention (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)),
                        help="for both (default: all cores, here %(default)s)")
    parser.add_argument("--length", type=int, default=READER_LIMIT,
                        help="tokens of every sequence (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=2, help="sequences a step (default: 2)")
    parser.add_argument("--repeats", type=int, default=5, help="runs of each (default: 5)")
    parser.add_argument("--steps", type=int, default=4,
                        help="steps of a run, the first not counted (default: 4)")
    parser.add_argument("--json", metavar="FILE", help="write everything measured there as well")
    options = parser.parse_args()
    options.attention = options.attention.split(",")
    check_arguments(options)
    return options


def check_arguments(options):
    for kind in options.attention:
        if kind not in KINDS:
            fail(f"--attention: unknown kind '{kind}'; known are {', '.join(KINDS)}")
    for name, least in (("threads", 1), ("length", 3), ("batch", 1), ("repeats", 1), ("steps", 2)):
        if getattr(options, name) < least:
            fail(f"--{name}: {getattr(options, name)} is less than {least}")
    if options.length > READER_LIMIT and options.only != "torch":
        fail(f"--length: sbmt's ListOps reader cuts sequences at {READER_LIMIT} tokens; "
             "give at most that, or --only torch")


def find_sbmt(given):
    candidates = [given] if given else [TOP / "build/sbmt", TOP / "build/cli/sbmt",
                                        shutil.which("sbmt")]
    for path in candidates:
        if path and os.access(path, os.X_OK) and os.path.isfile(path):
            return os.path.abspath(path)
    fail(f"{given}: not an executable file" if given else
         "no sbmt found; build it (meson setup build && ninja -C build) or give --sbmt PATH")


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


def run(command, environment=None):
    """Runs a command: (its standard output, peak resident bytes). The peak includes that of this
    script at the moment of starting it, some 10 to 20 MB: it is kept small for that reason."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                   env={**os.environ, **(environment or {})})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        text = out.read().decode(errors="replace")
        if process.returncode != 0:
            said = (err.read().decode(errors="replace").strip() or text.strip()).splitlines()
            fail(f"{' '.join(map(str, command))}: exit code {process.returncode}: "
                 f"{''.join(said[-1:])}")
    return text, usage.ru_maxrss * 1024


def torch_settings(threads):
    """Environments that use at most `threads` threads. Without MKL, PyTorch's matrix products run
    on the threads of the BLAS library, everything else on OpenMP's; where the waiting threads of
    one spin in the way of the other's, a step can take ten times as long."""
    shared = {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads),
              "PYTHONDONTWRITEBYTECODE": "1"}
    return [{**shared, "OPENBLAS_NUM_THREADS": str(blas), **waiting}
            for blas in sorted({1, threads}, reverse=True)
            for waiting in ({"OMP_WAIT_POLICY": "PASSIVE"}, {})]


def setting_name(environment):
    return (f"{environment['OPENBLAS_NUM_THREADS']} BLAS threads, OpenMP waiting "
            f"{environment.get('OMP_WAIT_POLICY', 'as by default').lower()}")


class Torch:
    """Runs the PyTorch half, each kind in the thread setting that suits it best."""

    name = "torch"

    def __init__(self, folder, options):
        self.folder, self.options = folder, options
        self.environment = {}
        settings = torch_settings(options.threads)
        probe = subprocess.run([sys.executable, "-c", "import torch"], capture_output=True,
                               text=True, check=False)
        if probe.returncode != 0:
            reason = probe.stderr.strip().splitlines()[-1:]
            fail(f"{sys.executable} cannot import torch ({''.join(reason)}); install Debian's "
                 "python3-torch and run this script with /usr/bin/python3, or give --only sbmt")
        self.info = json.loads(run(self.command("--info"), settings[0])[0])
        if "softmax-fused" in options.attention and not self.info["fused"]:
            fail(f"--attention: PyTorch {self.info['version']} has no "
                 "scaled_dot_product_attention; leave softmax-fused out")
        self.info["tried"] = {}
        for kind in options.attention:
            self.choose(kind, settings)

    def choose(self, kind, settings):
        """Tries every setting once and keeps the fastest."""
        tried = []
        for environment in settings:
            self.environment[kind] = environment
            seconds = statistics.median(self.measure(kind, 0)["seconds"])
            tried.append({"setting": setting_name(environment), "seconds": seconds})
        best = min(range(len(tried)), key=lambda i: tried[i]["seconds"])
        self.environment[kind] = settings[best]
        tried[best]["chosen"] = True
        self.info["tried"][kind] = tried

    def command(self, *more):
        return [sys.executable, str(MODELS), "--threads", str(self.options.threads), *more]

    def measure(self, kind, repeat):
        options = self.options
        text, peak = run(self.command(
            "--attention", kind, "--data", str(self.folder / "listops/basic_train.tsv"),
            "--batch", str(options.batch), "--steps", str(options.steps),
            "--seed", str(repeat)), self.environment[kind])
        result = json.loads(text)
        return {"seconds": result["seconds"][1:], "density": result["density"], "peak": peak}


class Sbmt:
    """Runs the sbmt half."""

    name = "sbmt"

    def __init__(self, folder, options):
        self.folder, self.options = folder, options
        self.binary = find_sbmt(options.sbmt)
        self.count = 0
        self.info = {"info": run([self.binary, "info"])[0].strip().splitlines()}
        # Makes the prepared files, so that no run that counts does.
        for kind in sorted({KINDS[kind] for kind in options.attention}):
            self.measure(kind, 0)

    def measure(self, kind, repeat):
        options = self.options
        self.count += 1
        folder = self.folder / f"run{self.count}"
        overrides = {
            "seed": repeat + 1,
            "train.batch_size": options.batch, "train.steps": options.steps,
            "train.eval_every": 0, "train.checkpoint_every": 0, "train.warmup_steps": 1,
            "train.log_every": 1, "train.shards": min(options.batch, 16),
        }
        _, peak = run([self.binary, "train", str(TOP / f"configs/lra/listops/{KINDS[kind]}.yaml"),
                       *(f"{key}={value}" for key, value in overrides.items()),
                       "--run", str(folder), "--data", str(self.folder),
                       "--threads", str(options.threads)])
        lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        steps = [line for line in map(json.loads, lines) if "dev" not in line and "seconds" in line]
        if len(steps) != options.steps:
            fail(f"{folder}/metrics.jsonl has {len(steps)} steps, expected {options.steps}")
        for step in steps:
            if step["tokens"] != options.batch * options.length:
                fail(f"sbmt's step {step['step']} had {step['tokens']} tokens, expected "
                     f"{options.batch * options.length}")
        densities = [s["density"] for s in steps if s.get("density") not in (None, -1)]
        return {"seconds": [step["seconds"] for step in steps[1:]],
                "density": statistics.mean(densities) if densities else None, "peak": peak}


def summary(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def summarise(runs):
    """Of the runs of one kind: {"torch": …, "sbmt": …, "ratio": …}; a run counts as its median."""
    result = {}
    for name, measured in runs.items():
        densities = [m["density"] for m in measured if m["density"] is not None]
        result[name] = {
            "seconds": summary([statistics.median(m["seconds"]) for m in measured]),
            "peak_bytes": max(m["peak"] for m in measured),
            "density": statistics.mean(densities) if densities else None,
        }
    if len(runs) == 2:
        result["ratio"] = summary([statistics.median(a["seconds"]) / statistics.median(b["seconds"])
                                   for a, b in zip(runs["torch"], runs["sbmt"])])
    return result


def machine():
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            name = next((line.split(":", 1)[1].strip() for line in file
                         if line.startswith("model name")), name)
    except OSError:
        pass
    return {"cpu": name, "cores": os.cpu_count(), "load": os.getloadavg()[0]}


def print_setting(report):
    print(f"machine: {report['machine']['cpu']}, {report['machine']['cores']} cores, "
          f"load {report['machine']['load']:.2f} at the start")
    print("setting: {batch} sequences of {length} tokens, {threads} threads, {repeats} runs of "
          "{steps} steps".format(**report["options"]))
    if report["openblas_coretype"]:
        print(f"warning: OPENBLAS_CORETYPE={report['openblas_coretype']} is set and limits BLAS")
    if report["options"]["batch"] < report["options"]["threads"]:
        print("warning: sbmt gives a sequence to one thread, so it uses no more than "
              f"{report['options']['batch']} here")
    if "torch" in report:
        info = report["torch"]
        print(f"torch: {info['version']}, {info['threads']} threads, MKL "
              f"{'yes' if info['mkl'] else 'no'}, oneDNN {'yes' if info['mkldnn'] else 'no'}, "
              f"{info['capability']}; loaded: {', '.join(info['libraries']) or 'no BLAS library'}")
        for kind, tried in info["tried"].items():
            for entry in tried:
                print(f"torch: {kind} with {entry['setting']}: {entry['seconds']:.4f} s/step"
                      f"{', chosen' if entry.get('chosen') else ''}")
    if "sbmt" in report:
        print(f"sbmt: {'; '.join(line.strip() for line in report['sbmt']['info'])}")


def print_table(kinds):
    print(f"\n{'attention':<14}{'program':<9}{'s/step':>9}{'min':>9}{'max':>9}"
          f"{'peak MB':>10}{'density':>9}")
    for kind, result in kinds.items():
        for name in ("torch", "sbmt"):
            if name not in result:
                continue
            row = result[name]
            seconds = row["seconds"]
            density = "" if row["density"] is None else f"{row['density']:.3f}"
            print(f"{kind:<14}{name:<9}{seconds['median']:>9.4f}{seconds['min']:>9.4f}"
                  f"{seconds['max']:>9.4f}{row['peak_bytes'] / 1e6:>10.0f}{density:>9}")
        if "ratio" in result:
            ratio = result["ratio"]
            print(f"{kind:<14}sbmt is {ratio['median']:.2f} times as fast "
                  f"({ratio['min']:.2f} to {ratio['max']:.2f})")


def main():
    options = parse_arguments()
    with tempfile.TemporaryDirectory(prefix="sbmt-compare-") as name:
        folder = pathlib.Path(name)
        write_data(folder, options)
        report = {"machine": machine(), "options": vars(options),
                  "openblas_coretype": os.environ.get("OPENBLAS_CORETYPE", "")}
        sides = [side(folder, options) for side in (Torch, Sbmt)
                 if options.only in (None, side.name)]
        report.update({side.name: side.info for side in sides})
        print_setting(report)
        runs = {kind: {side.name: [] for side in sides} for kind in options.attention}
        for repeat in range(options.repeats):
            for kind in options.attention:
                for side in sides:
                    runs[kind][side.name].append(side.measure(kind, repeat))
    report["runs"] = runs
    report["results"] = {kind: summarise(measured) for kind, measured in runs.items()}
    print_table(report["results"])
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
