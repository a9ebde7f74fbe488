#!/usr/bin/env python3
"""Golden vectors of cosFormer (Qin et al. 2022)."""
import math

import torch

import kinds


def forward(q, k, v, _):
    position = torch.arange(len(q), dtype=q.dtype)
    cosine = torch.cos(math.pi / 2 * (position[:, None] - position[None, :]) / len(q))
    weights = torch.relu(q) @ torch.relu(k).T * cosine
    return weights @ v / weights.sum(dim=1, keepdim=True).clamp_min(1e-6)


def speed(tokens, width):
    return kinds.case("speed", forward, tokens=tokens, width=width, seed=1)


if __name__ == "__main__":
    kinds.save("cosformer", kinds.case("n53", forward, tokens=53, width=8, seed=241),
               kinds.case("n97", forward, tokens=97, width=32, seed=242),
               # Some of these queries have no positive feature.
               kinds.case("narrow", forward, tokens=49, width=3, seed=243))
