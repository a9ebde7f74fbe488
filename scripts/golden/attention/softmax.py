#!/usr/bin/env python3
"""Golden vectors of dense softmax attention (Vaswani et al. 2017)."""
import math

import torch

import kinds


def forward(q, k, v, _):
    return torch.softmax(q @ k.T / math.sqrt(q.shape[1]), dim=1) @ v


def speed(tokens, width):
    return kinds.case("speed", forward, tokens=tokens, width=width, seed=1)


if __name__ == "__main__":
    kinds.save("softmax", kinds.case("n40", forward, tokens=40, width=8, seed=201, scale=1.5),
               kinds.case("n33", forward, tokens=33, width=32, seed=202, scale=1.5))
