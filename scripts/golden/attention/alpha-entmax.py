#!/usr/bin/env python3
"""Golden vectors of alpha-entmax attention with a learnt alpha (Correia et al. 2019).

The threshold is found by bisection, the gradients are those of the paper's proposition 1, and both
are checked against finite differences before anything is written.
"""
import math

import torch

import common
import kinds


class Entmax(torch.autograd.Function):
    """Row by row p = [(alpha - 1) s - tau]_+^(1/(alpha - 1)), sum 1."""

    @staticmethod
    def forward(ctx, scores, alpha):
        scaled = (alpha - 1) * scores
        low = scaled.max(dim=1, keepdim=True).values - 1
        high = low + 1
        for _ in range(200):
            middle = (low + high) / 2
            large = ((scaled - middle).clamp(min=0) ** (1 / (alpha - 1))).sum(dim=1, keepdim=True)
            low, high = torch.where(large >= 1, middle, low), torch.where(large >= 1, high, middle)
        p = (scaled - low).clamp(min=0) ** (1 / (alpha - 1))
        ctx.save_for_backward(p, alpha)
        return p

    @staticmethod
    def backward(ctx, dp):
        p, alpha = ctx.saved_tensors
        slope = torch.where(p > 0, p ** (2 - alpha), torch.zeros_like(p))
        tilted = slope / slope.sum(dim=1, keepdim=True)
        entropy = -torch.special.xlogy(p, p)
        dscores = slope * (dp - (tilted * dp).sum(dim=1, keepdim=True))
        by_alpha = ((p - tilted) / (alpha - 1)**2 +
                    (entropy - tilted * entropy.sum(dim=1, keepdim=True)) / (alpha - 1))
        return dscores, (dp * by_alpha).sum()


def forward(q, k, v, parameters):
    alpha = 1 + torch.sigmoid(parameters["alpha_logit"][0])
    return Entmax.apply(q @ k.T / math.sqrt(q.shape[1]), alpha) @ v


def case(name, tokens, width, seed, alpha, scale=1.0):
    logit = torch.tensor([math.log((alpha - 1) / (2 - alpha))], dtype=common.REAL)
    return kinds.case(name, forward, tokens=tokens, width=width, seed=seed, scale=scale,
                      parameters={"alpha_logit": logit})


def speed(tokens, width):
    return case("speed", tokens, width, 1, 1.5)


if __name__ == "__main__":
    for checked in (1.2, 1.5, 1.7):
        scores = common.leaf(common.normal(common.generator(230), 6, 9))
        alpha = torch.tensor(checked, dtype=common.REAL, requires_grad=True)
        assert torch.autograd.gradcheck(Entmax.apply, (scores, alpha))
    # The last one has most keys in every row's support.
    kinds.save("alpha-entmax", case("n40", 40, 8, 231, 1.5), case("n33", 33, 32, 232, 1.25),
               case("n29", 29, 8, 249, 1.8), case("n1", 1, 8, 234, 1.5),
               case("n171", 171, 8, 239, 1.1, scale=0.3))
