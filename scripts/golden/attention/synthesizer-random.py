#!/usr/bin/env python3
"""Golden vectors of the factorised random Synthesizer (Tay et al. 2020)."""
import torch

import common
import kinds


def forward(v, parameters):
    row, column = (parameters[f"synthesizer.{name}"][0, :len(v)] for name in ("row", "column"))
    return torch.softmax(row @ column.T, dim=1) @ v


def case(name, *, rank, positions, seed, **rest):
    random = common.generator(seed + 100)
    parameters = {f"synthesizer.{part}": common.normal(random, 1, positions, rank)
                  for part in ("row", "column")}
    return kinds.case(name, forward, seed=seed, inputs="v", parameters=parameters,
                      options=f"positions={positions} rank={rank}", **rest)


def speed(tokens, width):
    return case("speed", tokens=tokens, width=width, rank=8, positions=tokens, seed=1)


if __name__ == "__main__":
    kinds.save("synthesizer-random",
               case("n43", tokens=43, width=8, rank=8, positions=50, seed=261),
               case("n133", tokens=133, width=32, rank=5, positions=133, seed=262))
