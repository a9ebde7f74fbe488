#!/usr/bin/env python3
"""Golden vectors of Performer (Choromanski et al. 2021): ReLU and positive random features, with
directions that are given or drawn from the engine's counters."""
import math

import torch

import common
import kinds
import philox


def directions(key, count, width, length=None):
    """Blocks of orthogonal rows with the lengths of the normal vectors they are made of."""
    blocks = []
    for first in range(0, count, width):
        rows = min(width, count - first)
        normal = torch.tensor([[philox.normal(key, 0, (first + i) * width + j)
                                for j in range(width)] for i in range(rows)], dtype=common.REAL)
        q, r = torch.linalg.qr(normal.T)
        unit = (q * torch.sign(torch.diagonal(r))).T
        lengths = normal.norm(dim=1, keepdim=True) if length is None else length
        blocks.append(unit * lengths)
    return torch.cat(blocks)


def attend(q_features, k_features, v):
    weights = q_features @ k_features.T
    return weights @ v / weights.sum(dim=1, keepdim=True)


def relu(w, q, k, v):
    root = q.shape[1] ** 0.25
    features = [torch.relu(x / root @ w.T) + 1e-3 for x in (q, k)]
    return attend(*features, v)


def positive(w, q, k, v):
    root = q.shape[1] ** 0.25
    features = [torch.exp(x / root @ w.T - (x / root).square().sum(dim=1, keepdim=True) / 2)
                / math.sqrt(len(w)) for x in (q, k)]
    return attend(*features, v)


def case(name, kernel, features, *, width, options="", redraw=False, **rest):
    """Directions of the draw 0 are those that are given; of the draw 1, at step 1, the engine's."""
    length = math.sqrt(width) if "lengths=equal" in options else None
    first = directions(philox.key_of(philox.INIT), features, width, length)
    again = directions(philox.key_of(philox.FEATURES, step=1), features, width, length)

    def forward(q, k, v, parameters):
        return kernel(again if redraw else parameters["random_features"][0], q, k, v)

    words = "exp" if kernel is positive else "relu"
    return kinds.case(name, forward, width=width, frozen=("random_features",),
                      parameters={"random_features": first[None]},
                      options=f"features={features} kernel={words} {options}".strip(), **rest)


def speed(tokens, width):
    return case("speed", relu, 256, tokens=tokens, width=width, seed=1)


if __name__ == "__main__":
    kinds.save("performer",
               case("relu", relu, 40, tokens=53, width=8, seed=221),
               case("relu.wide", relu, 37, tokens=21, width=32, seed=222),
               case("relu.redraw", relu, 19, tokens=9, width=8, seed=223, redraw=True,
                    options="redraw=1"),
               case("exp", positive, 40, tokens=57, width=8, seed=224),
               case("exp.wide", positive, 37, tokens=23, width=32, seed=225),
               case("exp.redraw", positive, 19, tokens=1 + 128 // 8, width=8, seed=226, redraw=True,
                    options="redraw=1 lengths=equal"),
               case("single", positive, 5, tokens=2, width=8, seed=227))
