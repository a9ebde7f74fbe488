#!/usr/bin/env python3
"""Golden vectors of Linformer (Wang et al. 2020): one projection for keys and values."""
import math

import torch

import common
import kinds


def forward(q, k, v, parameters):
    e = parameters["linformer.projection"][0, :, :len(k)]
    return torch.softmax(q @ (e @ k).T / math.sqrt(q.shape[1]), dim=1) @ (e @ v)


def case(name, *, projected, positions, seed, **rest):
    projection = common.normal(common.generator(seed + 100), 1, projected, positions, scale=0.3)
    return kinds.case(name, forward, seed=seed, parameters={"linformer.projection": projection},
                      options=f"projected={projected} positions={positions}", **rest)


def speed(tokens, width):
    return case("speed", tokens=tokens, width=width, projected=256, positions=tokens, seed=1)


if __name__ == "__main__":
    kinds.save("linformer",
               case("n41", tokens=41, width=8, projected=16, positions=50, seed=231),
               case("n67", tokens=67, width=32, projected=13, positions=67, seed=232),
               case("short", tokens=5, width=8, projected=9, positions=11, seed=233))
