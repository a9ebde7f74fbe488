"""What the golden scripts of single kinds of attention share: one head, one file a kind.

A script computes one head of width d on n tokens by the kind's published definition and calls
`save(kind, cases)`. Options are the kind's as in a configuration file.
"""
import math
import os

import torch

import common


def case(name, forward, *, tokens, width, seed, options="", inputs="qkv", parameters=None,
         frozen=(), scale=1.0):
    """One case. `forward(*inputs, parameters)` gives the output (tokens, width); `parameters` maps
    names, as registered without the layer's prefix, to tensors, of which `frozen` get no gradient.
    `inputs` names what the kind reads: "qkv", "qv", or "v" for values or the whole input."""
    random = common.generator(seed)
    given = {letter: common.normal(random, tokens, width, scale=scale) for letter in inputs}
    dout = common.normal(random, tokens, width)
    values = {key: common.exact(value) for key, value in (parameters or {}).items()}
    leaves = {letter: common.leaf(value) for letter, value in given.items()}
    learned = {key: value if key in frozen else common.leaf(value) for key, value in values.items()}
    out = forward(*(leaves[letter] for letter in inputs), learned)
    out.backward(dout)
    results = {**given, "dout": dout, "out": out}
    results.update({f"d{letter}": leaf.grad for letter, leaf in leaves.items()})
    for key, value in values.items():
        results[f"value.{key}"] = value
        if key not in frozen:
            results[f"gradient.{key}"] = learned[key].grad
    tensors = {f"{name}.{key}": common.stored(value) for key, value in results.items()}
    return name, options, tensors


def subject(forward, *, tokens, width, inputs="qkv", parameters=None, frozen=()):
    """A function that computes a head forward and backward once, in float32: what
    scripts/compare_kinds.py times. A script offers `speed(tokens, width)`, which returns it for the
    kind's default options."""
    random = common.generator(1)

    def made(value, learns):
        return value.to(torch.float32).requires_grad_(learns)

    given = [made(common.normal(random, tokens, width), True) for _ in inputs]
    dout = made(common.normal(random, tokens, width), False)
    learned = {key: made(value, key not in frozen) for key, value in (parameters or {}).items()}

    def compute():
        for leaf in (*given, *learned.values()):
            leaf.grad = None
        forward(*given, learned).backward(dout)

    return compute


def along(mask):
    """The `forward` of a kind that is softmax over the pairs of a boolean matrix."""
    def forward(q, k, v, _):
        scores = q @ k.T / math.sqrt(q.shape[1])
        return torch.softmax(scores.masked_fill(~mask, -math.inf), dim=1) @ v
    return forward


def positions(tokens):
    """Row and column numbers, to be compared as matrices."""
    index = torch.arange(tokens)
    return index[:, None], index[None, :]


def save(kind, *cases):
    """Writes attention/<kind>.safetensors."""
    tensors, options = {}, {}
    for name, text, stored in cases:
        tensors.update(stored)
        options[name] = text
    common.save(os.path.join("attention", kind), tensors, **options)
