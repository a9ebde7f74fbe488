#!/usr/bin/env python3
"""Golden vectors of Fourier mixing (Lee-Thorp et al. 2021)."""
import torch

import kinds


def forward(x, _, norm="backward"):
    return torch.fft.fft2(x, norm=norm).real


def ortho(x, _):
    return forward(x, _, norm="ortho")


def speed(tokens, width):
    return kinds.case("speed", forward, tokens=tokens, width=width, seed=1, inputs="v")


if __name__ == "__main__":
    kinds.save("fnet", kinds.case("n36", forward, tokens=36, width=8, seed=601, inputs="v"),
               kinds.case("n37", forward, tokens=37, width=8, seed=602, inputs="v"),
               kinds.case("ortho", ortho, tokens=31, width=32, seed=603, inputs="v",
                          options="norm=ortho"))
