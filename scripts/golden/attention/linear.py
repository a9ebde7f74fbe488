#!/usr/bin/env python3
"""Golden vectors of linear attention (Katharopoulos et al. 2020): the published form with its
normaliser, and the form of the comparisons on Long Range Arena without one."""
from torch.nn.functional import elu

import kinds


def normalised(q, k, v, _):
    weights = (elu(q) + 1) @ (elu(k) + 1).T
    return weights @ v / weights.sum(dim=1, keepdim=True)


def scaled(length):
    def forward(q, k, v, _):
        root = (length or len(q)) ** 0.25
        return ((elu(q) + 1) / root) @ ((elu(k) + 1) / root).T @ v
    return forward


def speed(tokens, width):
    return kinds.case("speed", scaled(None), tokens=tokens, width=width, seed=1)


if __name__ == "__main__":
    kinds.save("linear",
               kinds.case("n53", scaled(None), tokens=53, width=8, seed=211),
               kinds.case("n67", scaled(None), tokens=67, width=32, seed=212),
               kinds.case("padded", scaled(64), tokens=17, width=8, seed=213, options="length=64"),
               kinds.case("normalised", normalised, tokens=49, width=16, seed=214,
                          options="normalise=true"),
               kinds.case("single", scaled(None), tokens=1, width=8, seed=215))
