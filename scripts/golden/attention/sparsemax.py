#!/usr/bin/env python3
"""Golden vectors of sparsemax attention (Martins & Astudillo 2016), by sorting."""
import math

import torch

import kinds


def sparsemax(scores):
    """Algorithm 1 of the paper, row by row; autograd goes through the support's closed form."""
    ordered = scores.sort(dim=1, descending=True).values
    sums = ordered.cumsum(dim=1)
    ranks = torch.arange(1, scores.shape[1] + 1, dtype=scores.dtype)
    size = (1 + ranks * ordered > sums).sum(dim=1, keepdim=True)
    threshold = (sums.gather(1, size - 1) - 1) / size
    return (scores - threshold).clamp(min=0)


def forward(q, k, v, _):
    return sparsemax(q @ k.T / math.sqrt(q.shape[1])) @ v


def speed(tokens, width):
    return kinds.case("speed", forward, tokens=tokens, width=width, seed=1)


if __name__ == "__main__":
    # The last one has most keys in every row's support.
    kinds.save("sparsemax", kinds.case("n40", forward, tokens=40, width=8, seed=211),
               kinds.case("n33", forward, tokens=33, width=32, seed=212),
               kinds.case("n1", forward, tokens=1, width=8, seed=213),
               kinds.case("n171", forward, tokens=171, width=8, seed=214, scale=0.02))
