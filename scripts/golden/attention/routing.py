#!/usr/bin/env python3
"""Golden vectors of Routing attention (Roy et al. 2020, arXiv 2003.05997).

Every cluster attends by itself; a token has the mean over the clusters that took its query. The
loss of the centroids is a second one beside that of the output.
"""
import functools
import math

import torch

import common
import kinds


class WithLoss(torch.autograd.Function):
    """The first of two, with the gradient of the second as a loss of its own."""

    @staticmethod
    def forward(context, out, loss):
        return out.clone()

    @staticmethod
    def backward(context, gradient):
        return gradient, torch.ones((), dtype=gradient.dtype)


def normalise(x):
    return torch.nn.functional.layer_norm(x, x.shape[1:], eps=1e-5)


def taken(products, window):
    """The largest, the first of equals, ascending; without near ties at the border."""
    order = sorted(range(len(products)), key=lambda i: (-products[i], i))
    if len(order) > window:
        assert products[order[window - 1]] - products[order[window]] > 1e-4, "a tie: other seed"
    return sorted(order[:window])


def distance(x, centroids):
    """Half the mean square distance to the nearest by dot product, with x held fixed."""
    x = x.detach()
    best = (x @ centroids.detach().T).topk(min(2, len(centroids)), dim=1)
    if len(centroids) > 1:
        assert (best.values[:, 0] - best.values[:, 1] > 1e-4).all(), "a tie: other seed"
    return ((x - centroids[best.indices[:, 0]]) ** 2).sum(dim=1).mean() / 2


def forward(q, k, v, parameters, window=128, scaled="false", centroid_weight=1.0, **_):
    centroids = parameters["centroids"][0]
    q, k = normalise(q), normalise(k)
    scale = 1 / math.sqrt(q.shape[1]) if scaled == "true" else 1
    total, count = torch.zeros_like(v), torch.zeros(len(v), 1)
    for centroid in centroids.detach():
        queries = taken((q.detach() @ centroid).tolist(), window)
        keys = taken((k.detach() @ centroid).tolist(), window)
        weights = torch.softmax(scale * q[queries] @ k[keys].T, dim=1)
        total = total.index_add(0, torch.tensor(queries), weights @ v[keys])
        count[queries] += 1
    out = total / count.clamp(min=1)
    loss = centroid_weight * (distance(q, centroids) + distance(k, centroids)) / 2
    return WithLoss.apply(out, loss)


def case(name, tokens, width, seed, clusters=16, **options):
    centroids = common.normal(common.generator(seed + 100), 1, clusters, width)
    text = " ".join(f"{key}={value}" for key, value in {"clusters": clusters, **options}.items())
    return kinds.case(name, functools.partial(forward, **options), tokens=tokens, width=width,
                      seed=seed, options=text, parameters={"centroids": centroids})


def speed(tokens, width):
    return case("speed", tokens, width, 1)


if __name__ == "__main__":
    kinds.save("routing",
               case("n67", 67, 32, 221, clusters=4, window=20),
               case("n41", 41, 8, 222, clusters=5, window=7, scaled="true", centroid_weight=30.0),
               case("n150", 150, 8, 223, clusters=2, window=135),
               case("n19", 19, 8, 224))
