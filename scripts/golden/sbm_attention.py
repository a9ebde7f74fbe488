#!/usr/bin/env python3
"""Golden vectors of one SBM head: forward, gradients of each straight-through form, regulariser.

Needs Debian's python3-torch. Usage: sbm_attention.py [FOLDER]
"""
import math

import torch

import common
import sbm

WIDTH, CLUSTERS, DENSITY_WEIGHT = 8, 6, 0.5
INPUTS = ("q", "k", "v", "clusters", "w1", "b1", "w2", "b2")


def make_inputs(tokens, random):
    scale = 1 / math.sqrt(WIDTH)
    return {
        "q": common.normal(random, tokens, WIDTH),
        "k": common.normal(random, tokens, WIDTH),
        "v": common.normal(random, tokens, WIDTH),
        "clusters": common.normal(random, CLUSTERS, WIDTH, scale=0.6),
        "w1": common.normal(random, WIDTH, WIDTH, scale=1.5 * scale),
        "b1": common.normal(random, WIDTH, scale=0.2),
        "w2": common.normal(random, WIDTH, WIDTH, scale=1.5 * scale),
        "b2": common.normal(random, WIDTH, scale=0.2),
    }


def make_mask(probability, random):
    """A sample, with an empty row, a row of one edge, a full row and an empty column."""
    mask = (torch.rand(probability.shape, generator=random) < probability).to(common.REAL)
    mask[:, 3] = 0
    mask[2] = 0
    mask[4] = 0
    mask[4, 9] = 1
    mask[7] = 1
    return mask


def forward(inputs):
    """Leaves, (Y, Z, B) and the probabilities with exploration."""
    leaves = {name: common.leaf(inputs[name]) for name in INPUTS}
    parts = sbm.memberships(leaves["q"], leaves["k"], leaves["clusters"], leaves)
    y, z, b = parts
    return leaves, parts, sbm.explored(y @ b @ z.T)


def gradients(leaves):
    """{"dq": …, …}; zeros where nothing flows."""
    return {
        f"d{name}": torch.zeros_like(leaf) if leaf.grad is None else leaf.grad
        for name, leaf in leaves.items()
    }


def check_against_surrogate(inputs, mask, dout, score_gradients):
    """The form `score` is the true gradient where M is replaced by M (1 + P − P₀) at P = P₀."""
    leaves, _, probability = forward(inputs)
    relaxed = mask * (1 + probability - probability.detach())
    scores = leaves["q"] @ leaves["k"].T / math.sqrt(WIDTH)
    out = sbm.softmax_over_edges(relaxed * scores, mask) @ leaves["v"]
    out.backward(dout)
    for name, gradient in gradients(leaves).items():
        assert torch.allclose(gradient, score_gradients[name], rtol=1e-10, atol=1e-12), name


def case(tokens, seed):
    random = common.generator(seed)
    inputs = make_inputs(tokens, random)
    dout = common.normal(random, tokens, WIDTH, scale=4.0)
    with torch.no_grad():
        _, (y, z, b), probability = forward(inputs)
        mask = make_mask(probability, random)
        weight, out = sbm.attention(*(inputs[n] for n in "qkv"), probability, mask, "score")
        qkv = [inputs[n] for n in "qkv"]
        means = {"bernoulli": sbm.expected_attention(*qkv, probability),
                 "poisson": sbm.expected_attention(*qkv, y @ b @ z.T + sbm.EXPLORATION),
                 "poisson-simple": sbm.expected_attention(*qkv, 1 - torch.exp(-probability))}
    results = {name: common.stored(value) for name, value in inputs.items()}
    results.update({f"mean.{law}": common.stored(value) for law, value in means.items()})
    for name, value in (("y", y), ("z", z), ("b", b), ("p", probability), ("a", weight),
                        ("out", out), ("dout", dout)):
        results[name] = common.stored(value)
    results["mask"] = mask.to(torch.uint8)

    for form in ("score", "plain", "clipped"):
        leaves, _, probability = forward(inputs)
        _, out = sbm.attention(leaves["q"], leaves["k"], leaves["v"], probability, mask, form)
        out.backward(dout)
        found = gradients(leaves)
        if form == "score":
            check_against_surrogate(inputs, mask, dout, found)
        results.update({f"{form}.{n}": common.stored(g) for n, g in found.items()})

    for kind in ("sampled", "expected"):
        leaves, (y, z, b), probability = forward(inputs)
        density = (sbm.sampled_density(probability, mask) if kind == "sampled"
                   else sbm.expected_density(y, z, b))
        (DENSITY_WEIGHT * density).backward()
        results.update({f"{kind}.{n}": common.stored(g) for n, g in gradients(leaves).items()})
    return {f"n{tokens}.{name}": value for name, value in results.items()}


if __name__ == "__main__":
    common.save("sbm_attention", {**case(24, 103), **case(17, 102)},
                exploration=sbm.EXPLORATION, density_weight=DENSITY_WEIGHT)
