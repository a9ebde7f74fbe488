"""What the scripts share that time sbmt and PyTorch side by side.

A subject is what is timed, named by a word. A side is one of the two programs: it measures a
subject in a process of its own and hands back {"seconds": of each step but the first, "peak":
bytes, …}.
"""
import argparse
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

from needed import fail, fail_missing

TOP = pathlib.Path(__file__).resolve().parent.parent


def argument_parser(description):
    """The options of every such script."""
    parser = argparse.ArgumentParser(description=description.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--sbmt", help="the binary; by default build/sbmt or build/cli/sbmt here, "
                                       "or the one on PATH")
    parser.add_argument("--json", metavar="FILE", help="write everything measured there as well")
    return parser


def add_run_arguments(parser, batch):
    """The options of those that time the steps of runs."""
    parser.add_argument("--only", choices=("torch", "sbmt"), help="time one of the two")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)),
                        help="for both (default: all cores, here %(default)s)")
    parser.add_argument("--batch", type=int, default=batch,
                        help="sequences a step (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=5,
                        help="runs of each (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=4,
                        help="steps of a run, the first not counted (default: %(default)s)")


def check_least(options, *more):
    """Fails where one of the options of runs, or of `more` (name, least), is too small."""
    for name, least in (("threads", 1), ("batch", 1), ("repeats", 1), ("steps", 2), *more):
        if getattr(options, name) < least:
            fail(f"--{name}: {getattr(options, name)} is less than {least}")


def find_sbmt(given):
    candidates = [given] if given else [TOP / "build/sbmt", TOP / "build/cli/sbmt",
                                        shutil.which("sbmt")]
    for path in candidates:
        if path and os.access(path, os.X_OK) and os.path.isfile(path):
            return os.path.abspath(path)
    return fail(f"{given}: not an executable file" if given else
                "no sbmt found; build it (meson setup build && ninja -C build) or give --sbmt PATH")


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


class TorchSide:
    """Runs the PyTorch half, a script on torch_half.py, each subject in the thread setting that
    suits it best. A class made from it has measure(subject, repeat), which calls train."""

    name = "torch"
    script = None

    def __init__(self, options):
        self.options = options
        self.environment = {}
        self.settings = torch_settings(options.threads)
        probe = subprocess.run([sys.executable, "-c", "import torch"], capture_output=True,
                               text=True, check=False)
        if probe.returncode != 0:
            reason = probe.stderr.strip().splitlines()[-1:]
            fail_missing("torch", "".join(reason), "python3-torch", ", or give --only sbmt")
        self.info = json.loads(run(self.command("--info"), self.settings[0])[0])
        self.info["tried"] = {}

    def command(self, *more):
        return [sys.executable, str(TOP / "scripts" / self.script),
                "--threads", str(self.options.threads), *map(str, more)]

    def choose(self, subject):
        """Tries every setting once and keeps the fastest."""
        tried = []
        for environment in self.settings:
            self.environment[subject] = environment
            seconds = statistics.median(self.measure(subject, 0)["seconds"])
            tried.append({"setting": setting_name(environment), "seconds": seconds})
        best = min(range(len(tried)), key=lambda i: tried[i]["seconds"])
        self.environment[subject] = self.settings[best]
        tried[best]["chosen"] = True
        self.info["tried"][subject] = tried

    def train(self, subject, repeat, *more):
        """(what the script printed, with the seconds of its first step left out; peak bytes)."""
        text, peak = run(self.command("--steps", self.options.steps, "--seed", repeat, *more),
                         self.environment[subject])
        result = json.loads(text)
        result["seconds"] = result["seconds"][1:]
        return result, peak


class SbmtSide:
    """Runs the sbmt half. A class made from it has measure(subject, repeat), which calls train."""

    name = "sbmt"

    def __init__(self, options):
        self.options = options
        self.binary = find_sbmt(options.sbmt)
        self.info = {"info": run([self.binary, "info"])[0].strip().splitlines()}

    def train(self, configuration, repeat, data, overrides):
        """Trains a configuration of configs/: (its steps but the first, as metrics.jsonl has them;
        peak bytes). A run and its weights are removed at once, for they may be gigabytes."""
        options = self.options
        overrides = {
            "seed": repeat + 1, "train.batch_size": options.batch, "train.eval_every": 0,
            "train.checkpoint_every": 0, "train.log_every": 1, **overrides,
        }
        with tempfile.TemporaryDirectory(prefix="sbmt-run-") as folder:
            _, peak = run([self.binary, "train", str(TOP / "configs" / configuration),
                           *(f"{key}={value}" for key, value in overrides.items()),
                           "--run", folder, "--data", str(data),
                           "--threads", str(options.threads)])
            metrics = pathlib.Path(folder, "metrics.jsonl").read_text(encoding="utf-8")
        lines = map(json.loads, metrics.splitlines())
        steps = [line for line in lines if "dev" not in line and "seconds" in line]
        if len(steps) != options.steps:
            fail(f"sbmt's metrics.jsonl has {len(steps)} steps, expected {options.steps}")
        return steps[1:], peak


def check_tokens(steps, expected):
    """Fails where steps of sbmt had other tokens than those that PyTorch gets."""
    for step in steps:
        if step["tokens"] != expected:
            fail(f"sbmt's step {step['step']} had {step['tokens']} tokens, expected {expected}")


def take_turns(sides, subjects, repeats):
    """{subject: {name of the side: [measured, …]}}; neighbours in time are of one repeat."""
    runs = {subject: {side.name: [] for side in sides} for subject in subjects}
    for repeat in range(repeats):
        for subject in subjects:
            for side in sides:
                runs[subject][side.name].append(side.measure(subject, repeat))
    return runs


def summary(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def step_seconds(measured):
    """Of each run its median step."""
    return [statistics.median(one["seconds"]) for one in measured]


def summarise(runs):
    """Of one subject: {"torch": …, "sbmt": …, "ratio": …}; a run counts as its median step."""
    result = {name: {"seconds": summary(step_seconds(measured)),
                     "peak_bytes": max(one["peak"] for one in measured)}
              for name, measured in runs.items()}
    if len(runs) == 2:
        result["ratio"] = summary([a / b for a, b in zip(step_seconds(runs["torch"]),
                                                         step_seconds(runs["sbmt"]))])
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


def begin_report(options):
    """Before anything is started, so that the load is that of others."""
    return {"machine": machine(), "options": vars(options),
            "openblas_coretype": os.environ.get("OPENBLAS_CORETYPE", "")}


def print_setting(report, setting):
    """The machine, the line `setting`, and what the sides are that the report has."""
    print(f"machine: {report['machine']['cpu']}, {report['machine']['cores']} cores, "
          f"load {report['machine']['load']:.2f} at the start")
    print("setting: " + setting)
    if report["openblas_coretype"]:
        print(f"warning: OPENBLAS_CORETYPE={report['openblas_coretype']} is set, for both programs")
    if report["options"]["batch"] < report["options"]["threads"]:
        print("warning: sbmt gives a sequence to one thread, so it uses no more than "
              f"{report['options']['batch']} here")
    if "torch" in report:
        info = report["torch"]
        print(f"torch: {info['version']}, {info['threads']} threads, MKL "
              f"{'yes' if info['mkl'] else 'no'}, oneDNN {'yes' if info['mkldnn'] else 'no'}, "
              f"{info['capability']}; loaded: {', '.join(info['libraries']) or 'no BLAS library'}"
              + (f"; OpenBLAS kernels {info['kernels']}" if info["kernels"] else ""))
        for subject, tried in info["tried"].items():
            for entry in tried:
                print(f"torch: {subject} with {entry['setting']}: {entry['seconds']:.4f} s/step"
                      f"{', chosen' if entry.get('chosen') else ''}")
    if "sbmt" in report:
        print(f"sbmt: {'; '.join(line.strip() for line in report['sbmt']['info'])}")


def print_table(heading, results, more):
    """Seconds, memory and ratio of each subject, and columns `more`: (title, width, text(row))."""
    print(f"\n{heading:<14}{'program':<9}{'s/step':>9}{'min':>9}{'max':>9}{'peak MB':>10}"
          + "".join(f"{title:>{width}}" for title, width, _ in more))
    for subject, result in results.items():
        for name in ("torch", "sbmt"):
            if name not in result:
                continue
            row = result[name]
            seconds = row["seconds"]
            print(f"{subject:<14}{name:<9}{seconds['median']:>9.4f}{seconds['min']:>9.4f}"
                  f"{seconds['max']:>9.4f}{row['peak_bytes'] / 1e6:>10.0f}"
                  + "".join(f"{text(row):>{width}}" for _, width, text in more))
        if "ratio" in result:
            ratio = result["ratio"]
            print(f"{subject:<14}sbmt is {ratio['median']:.2f} times as fast "
                  f"({ratio['min']:.2f} to {ratio['max']:.2f})")


def write_json(path, report):
    """Nothing where no path was given."""
    if path:
        pathlib.Path(path).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
