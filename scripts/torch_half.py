"""What the PyTorch halves of the scripts share that time sbmt and PyTorch side by side."""
import argparse
import ctypes
import json
import math
import os
import time

import torch
from torch.nn import functional


def openblas_kernels(paths):
    """The processor whose kernels OpenBLAS computes with, empty where it is not loaded."""
    for path in sorted(paths):
        if "openblas" in os.path.basename(path):
            name = ctypes.CDLL(path).openblas_get_corename
            name.restype = ctypes.c_char_p
            return name().decode()
    return ""


def describe():
    """What PyTorch is and which libraries it multiplies matrices with."""
    torch.ones(64, 64) @ torch.ones(64, 64)
    with open("/proc/self/maps", encoding="utf-8") as file:
        paths = {line.split(maxsplit=5)[5].strip() for line in file if "/" in line}
    wanted = ("blas", "mkl", "dnnl", "gomp")
    names = {os.path.basename(os.path.realpath(path)) for path in paths}
    configuration = torch.__config__.show().splitlines()
    capability = [line.strip(" -") for line in configuration if "CPU capability" in line]
    return {
        "version": torch.__version__,
        "threads": torch.get_num_threads(),
        "mkl": torch.backends.mkl.is_available(),
        "mkldnn": torch.backends.mkldnn.is_available(),
        "fused": hasattr(functional, "scaled_dot_product_attention"),
        "capability": capability[0] if capability else "",
        "libraries": sorted(name for name in names if any(word in name for word in wanted)),
        "kernels": openblas_kernels(paths),
        "configuration": configuration,
    }


def time_steps(step, batches):
    """Calls step(batch), which gives (loss, density or None): {"seconds": of each, "density": mean
    or None}."""
    seconds, densities = [], []
    for batch in batches:
        begin = time.perf_counter()
        loss, density = step(batch)
        seconds.append(time.perf_counter() - begin)
        assert math.isfinite(loss)
        if density is not None:
            densities.append(density)
    return {"seconds": seconds, "density": sum(densities) / len(densities) if densities else None}


def argument_parser(description):
    parser = argparse.ArgumentParser(description=description.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--info", action="store_true", help="print what PyTorch this is instead")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    return parser


def main(parser, train):
    """Prints as JSON what train(options) gives, which needs --data."""
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    if not options.info and options.data is None:
        parser.error("--data is needed")
    print(json.dumps(describe() if options.info else train(options)))
