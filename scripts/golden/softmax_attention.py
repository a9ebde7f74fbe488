#!/usr/bin/env python3
"""Golden vectors of one head of softmax attention: output and gradients.

Needs Debian's python3-torch. Usage: softmax_attention.py [FOLDER]
"""
import math

import torch

import common


def case(tokens, width, seed):
    random = common.generator(seed)
    inputs = {name: common.normal(random, tokens, width, scale=1.5) for name in "qkv"}
    dout = common.normal(random, tokens, width)
    leaves = {name: common.leaf(value) for name, value in inputs.items()}
    scores = leaves["q"] @ leaves["k"].T / math.sqrt(width)
    out = torch.softmax(scores, dim=1) @ leaves["v"]
    out.backward(dout)
    results = {**inputs, "dout": dout, "out": out}
    results.update({f"d{name}": leaf.grad for name, leaf in leaves.items()})
    return {f"n{tokens}.{name}": common.stored(value) for name, value in results.items()}


if __name__ == "__main__":
    common.save("softmax_attention", {**case(40, 8, 201), **case(33, 32, 202)})
