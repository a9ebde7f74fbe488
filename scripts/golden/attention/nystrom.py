#!/usr/bin/env python3
"""Golden vectors of Nystrom attention (Xiong et al. 2021)."""
import math

import torch

import common
import inverse
import kinds


def means(x, landmarks):
    ends = [s * len(x) // landmarks for s in range(landmarks + 1)]
    return torch.stack([x[a:b].mean(0) for a, b in zip(ends, ends[1:])])


def convolution(v, weight):
    """One filter for all channels of the head; nothing outside the sequence."""
    filter_ = weight[0, 0, :, 0]
    reach = len(filter_) // 2
    around = torch.nn.functional.pad(v, (0, 0, reach, reach))
    return torch.stack([filter_ @ around[i:i + len(filter_)] for i in range(len(v))])


def attention(q, k, v, landmarks, iterations):
    root = math.sqrt(q.shape[1])
    if len(q) <= landmarks:
        return torch.softmax(q @ k.T / root, dim=1) @ v
    q_mean, k_mean = means(q, landmarks), means(k, landmarks)
    left = torch.softmax(q @ k_mean.T / root, dim=1)
    middle = torch.softmax(q_mean @ k_mean.T / root, dim=1)
    right = torch.softmax(q_mean @ k.T / root, dim=1)
    return left @ inverse.newton_schulz(middle, iterations) @ right @ v


def case(name, *, tokens, width, seed, landmarks, iterations=6, conv=0):
    def forward(q, k, v, parameters):
        out = attention(q, k, v, landmarks, iterations)
        return out + convolution(v, parameters["conv.weight"]) if conv else out
    weight = common.normal(common.generator(seed + 100), 1, 1, conv, 1)
    return kinds.case(name, forward, tokens=tokens, width=width, seed=seed, scale=1.5,
                      options=f"landmarks={landmarks} iterations={iterations} conv={conv}",
                      parameters={"conv.weight": weight} if conv else None)


def speed(tokens, width):
    return case("speed", tokens=tokens, width=width, seed=1, landmarks=256, conv=35)


if __name__ == "__main__":
    kinds.save("nystrom",
               case("uneven", tokens=43, width=8, seed=221, landmarks=6, conv=5),
               case("wide", tokens=67, width=32, seed=222, landmarks=16, conv=35),
               case("plain", tokens=29, width=8, seed=223, landmarks=28, iterations=3),
               case("one", tokens=13, width=8, seed=224, landmarks=1, iterations=1),
               case("short", tokens=11, width=8, seed=225, landmarks=11, conv=3))
