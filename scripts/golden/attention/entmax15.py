#!/usr/bin/env python3
"""Golden vectors of 1.5-entmax attention (Peters et al. 2019), by sorting."""
import math

import torch

import kinds


def entmax15(scores):
    """Algorithm 2 of the paper, row by row; autograd goes through the support's closed form."""
    halves = scores / 2
    ordered = halves.sort(dim=1, descending=True).values
    ranks = torch.arange(1, scores.shape[1] + 1, dtype=scores.dtype)
    mean = ordered.cumsum(dim=1) / ranks
    spread = (ordered**2).cumsum(dim=1) - ranks * mean**2
    root = ((1 - spread) / ranks).clamp(min=0)
    size = (mean - root.sqrt() <= ordered).sum(dim=1, keepdim=True)
    threshold = mean.gather(1, size - 1) - root.gather(1, size - 1).sqrt()
    return (halves - threshold).clamp(min=0) ** 2


def forward(q, k, v, _):
    return entmax15(q @ k.T / math.sqrt(q.shape[1])) @ v


def speed(tokens, width):
    return kinds.case("speed", forward, tokens=tokens, width=width, seed=1)


if __name__ == "__main__":
    # The last one has most keys in every row's support.
    kinds.save("entmax15", kinds.case("n40", forward, tokens=40, width=8, seed=221),
               kinds.case("n33", forward, tokens=33, width=32, seed=222),
               kinds.case("n1", forward, tokens=1, width=8, seed=223),
               kinds.case("n171", forward, tokens=171, width=8, seed=224, scale=0.2))
