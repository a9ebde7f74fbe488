#!/usr/bin/env python3
"""Times one head of each kind of attention, forward and backward, in sbmt and in PyTorch.

PyTorch computes what scripts/golden/attention/<kind>.py defines, in float32 and with the kind's
default options; sbmt is `sbmt bench attention`. Both use one thread and take turns; a ratio is
that of neighbours, and printed are medians over the rounds with their range.

Needs PyTorch (Debian: python3-torch; then run this with /usr/bin/python3) and a built sbmt.

    scripts/compare_kinds.py --length 2048
"""
import importlib.util
import json
import statistics
import subprocess
import sys
import time

import needed
import side_by_side
from side_by_side import fail, summary

GOLDEN = side_by_side.TOP / "scripts" / "golden"


def parse_arguments():
    parser = side_by_side.argument_parser(__doc__)
    parser.add_argument("--attention", help="kinds, separated by commas (default: all there are)")
    parser.add_argument("--length", type=int, default=2048, help="tokens (default: 2048)")
    parser.add_argument("--width", type=int, default=32, help="head dim (default: 32)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds (default: 5)")
    return parser.parse_args()


def load(path):
    """The module of a golden script."""
    spec = importlib.util.spec_from_file_location(path.stem.replace("-", "_"), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def subjects(options):
    """{kind: function that computes a head once}."""
    sys.path.insert(0, str(GOLDEN))
    sys.dont_write_bytecode = True
    chosen = options.attention.split(",") if options.attention else None
    found = {}
    for path in sorted((GOLDEN / "attention").glob("*.py")):
        if chosen is None or path.stem in chosen:
            module = load(path)
            if hasattr(module, "speed"):
                found[path.stem] = module.speed(options.length, options.width).subject()
    for kind in chosen or ():
        if kind not in found:
            fail(f"--attention: no golden script can time '{kind}'")
    return found


def torch_seconds(compute):
    """Of one call: the median of three, or of more where they are short."""
    times = []
    while len(times) < 3 or (sum(times) < 0.2 and len(times) < 50):
        start = time.perf_counter()
        compute()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def sbmt_seconds(sbmt, kind, options):
    command = [sbmt, "bench", "attention", "--attention", kind, "--lengths", str(options.length),
               "--d", str(options.width), "--json"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        fail(result.stderr.strip())
    row = json.loads(result.stdout)["rows"][0]
    return row["forward_seconds"] + row["backward_seconds"]


def main():
    options = parse_arguments()
    sbmt = side_by_side.find_sbmt(options.sbmt)
    torch = needed.module("torch", "python3-torch")
    torch.set_num_threads(1)
    computes = subjects(options)
    times = {kind: {"torch": [], "sbmt": []} for kind in computes}
    for _ in range(options.rounds):
        for kind, compute in computes.items():
            times[kind]["torch"].append(torch_seconds(compute))
            times[kind]["sbmt"].append(sbmt_seconds(sbmt, kind, options))
    print(f"{'attention':<20}{'torch ms':>10}{'sbmt ms':>10}{'ratio':>8}{'min':>8}{'max':>8}")
    results = {}
    for kind, both in times.items():
        ratio = summary([a / b for a, b in zip(both["torch"], both["sbmt"])])
        results[kind] = {"torch": summary(both["torch"]), "sbmt": summary(both["sbmt"]),
                         "ratio": ratio}
        print(f"{kind:<20}{1e3 * results[kind]['torch']['median']:>10.2f}"
              f"{1e3 * results[kind]['sbmt']['median']:>10.2f}"
              f"{ratio['median']:>8.1f}{ratio['min']:>8.1f}{ratio['max']:>8.1f}")
    side_by_side.write_json(options.json, {"torch": torch.__version__, "options": vars(options),
                                           "results": results})


if __name__ == "__main__":
    main()
