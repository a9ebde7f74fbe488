#!/usr/bin/env python3
"""Golden vectors of Skyformer attention (Chen et al. 2021)."""
import math

import torch

import inverse
import kinds
import philox


def gaussian(x, y):
    distances = ((x[:, None, :] - y[None, :, :]) ** 2).sum(2)
    return torch.exp(-distances / (2 * math.sqrt(x.shape[1])))


def draw(count, landmarks):
    """Numbers below `count` without replacement, as the engine draws them."""
    key = philox.key_of(philox.LANDMARKS)
    order, index = list(range(count)), []
    for i in range(landmarks):
        j = i + philox.below(key, 0, i, count - i)
        order[i], order[j] = order[j], order[i]
        index.append(order[i])
    return index


def attention(q, k, v, landmarks, iterations, gamma):
    rows = torch.cat([q, k])
    if len(rows) <= landmarks:
        return gaussian(q, k) @ v
    chosen = rows[draw(len(rows), landmarks)]
    middle = gaussian(chosen, chosen) + gamma * torch.eye(landmarks, dtype=q.dtype)
    root = torch.diag(middle.sum(1) ** -0.5)
    inner = inverse.newton_schulz(root @ middle @ root, iterations)
    return gaussian(q, chosen) @ root @ inner @ root @ gaussian(chosen, k) @ v


def case(name, *, tokens, width, seed, landmarks, iterations=6, gamma=0.1, exact=False, scale=1.0):
    def forward(q, k, v, _):
        rows = 2 * tokens if exact else landmarks
        return attention(q, k, v, rows, iterations, gamma)
    options = f"landmarks={landmarks} iterations={iterations} gamma={gamma}"
    return kinds.case(name, forward, tokens=tokens, width=width, seed=seed, scale=scale,
                      options=options + f" exact={str(exact).lower()}")


def speed(tokens, width):
    return case("speed", tokens=tokens, width=width, seed=1, landmarks=128)


if __name__ == "__main__":
    kinds.save("skyformer",
               case("n43", tokens=43, width=8, seed=231, landmarks=12),
               case("n67", tokens=67, width=32, seed=232, landmarks=16, scale=0.7),
               case("few", tokens=29, width=8, seed=233, landmarks=57, iterations=2, gamma=0.5),
               case("short", tokens=11, width=8, seed=234, landmarks=22),
               case("exact", tokens=37, width=8, seed=235, landmarks=4, exact=True, scale=1.5))
