#!/usr/bin/env python3
"""Golden vectors of the convolution in the place of attention (Wu et al. 2019)."""
import torch

import common
import kinds


def forward(v, parameters):
    filters = parameters["conv.weight"][0]
    reach = filters.shape[1] // 2
    around = torch.nn.functional.pad(v.T, (reach, reach))
    return torch.stack([(filters * around[:, i:i + filters.shape[1]]).sum(1)
                        for i in range(len(v))])


def case(name, tokens, width, filter_width, seed):
    filters = common.normal(common.generator(seed + 100), 1, width, filter_width)
    return kinds.case(name, forward, tokens=tokens, width=width, seed=seed, inputs="v",
                      options=f"width={filter_width}", parameters={"conv.weight": filters})


def speed(tokens, width):
    return case("speed", tokens, width, 61, 1)


if __name__ == "__main__":
    kinds.save("conv", case("n40", 40, 8, 5, 211), case("n33", 33, 32, 61, 212),
               case("n1", 1, 8, 1, 213))
