#!/usr/bin/env python3
"""Golden vectors of the dense Synthesizer (Tay et al. 2020); q is the hidden layer before ReLU."""
import torch

import common
import kinds


def forward(q, v, parameters):
    n = len(q)
    weight, bias = (parameters[f"synthesizer.output.{name}"][0] for name in ("weight", "bias"))
    scores = torch.relu(q) @ weight.T + bias
    return torch.softmax(scores[:, :n], dim=1) @ v


def case(name, *, width, positions, seed, **rest):
    random = common.generator(seed + 100)
    parameters = {"synthesizer.output.weight": common.normal(random, 1, positions, width),
                  "synthesizer.output.bias": common.normal(random, 1, positions)}
    return kinds.case(name, forward, width=width, seed=seed, inputs="qv", parameters=parameters,
                      options=f"positions={positions}", **rest)


def speed(tokens, width):
    return case("speed", tokens=tokens, width=width, positions=tokens, seed=1)


if __name__ == "__main__":
    kinds.save("synthesizer-dense",
               case("n39", tokens=39, width=8, positions=50, seed=251),
               case("n67", tokens=67, width=32, positions=67, seed=252, scale=0.5),
               case("single", tokens=1, width=8, positions=3, seed=253))
