"""What the golden scripts of single kinds of attention share: one head, one file a kind.

A script computes one head of width d on n tokens by the kind's published definition and calls
`save(kind, cases)`. Options are the kind's as in a configuration file. It also has a function
`speed(tokens, width)`: the case with the kind's default options that scripts/compare_kinds.py
times.
"""
import dataclasses
import math
import os
import typing

import torch

import common


@dataclasses.dataclass
class Case:
    """One head. `forward(*inputs, parameters)` gives the output (tokens, width); `parameters` maps
    names, as registered without the layer's prefix, to tensors, of which `frozen` get no gradient.
    `inputs` names what the kind reads: "qkv", "qv", or "v" for values or the whole input."""
    name: str
    forward: typing.Callable
    tokens: int
    width: int
    seed: int
    options: str = ""
    inputs: str = "qkv"
    parameters: dict = None
    frozen: tuple = ()
    scale: float = 1.0

    def draw(self):
        """The inputs by letter, and the gradient of the output."""
        random = common.generator(self.seed)
        shape = self.tokens, self.width
        given = {x: common.normal(random, *shape, scale=self.scale) for x in self.inputs}
        return given, common.normal(random, *shape)

    def learns(self, key):
        return key not in self.frozen

    def results(self):
        """All that goes into the file, in double precision."""
        given, dout = self.draw()
        values = {key: common.exact(value) for key, value in (self.parameters or {}).items()}
        leaves = {letter: common.leaf(value) for letter, value in given.items()}
        learned = {key: common.leaf(value) if self.learns(key) else value
                   for key, value in values.items()}
        out = self.forward(*leaves.values(), learned)
        out.backward(dout)
        results = {**given, "dout": dout, "out": out}
        results.update({f"d{letter}": leaf.grad for letter, leaf in leaves.items()})
        for key, value in values.items():
            results[f"value.{key}"] = value
            if self.learns(key):
                results[f"gradient.{key}"] = learned[key].grad
        return {f"{self.name}.{key}": common.stored(value) for key, value in results.items()}

    def subject(self):
        """A function that computes the head forward and backward once, in single precision."""
        given, dout = self.draw()
        leaves = [common.leaf(value.float()) for value in given.values()]
        learned = {key: common.leaf(value.float()) if self.learns(key) else value.float()
                   for key, value in (self.parameters or {}).items()}

        def compute():
            for leaf in (*leaves, *learned.values()):
                leaf.grad = None
            self.forward(*leaves, learned).backward(dout.float())

        return compute


def case(name, forward, **settings):
    return Case(name, forward, **settings)


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
    tensors = {}
    for one in cases:
        tensors.update(one.results())
    common.save(os.path.join("attention", kind), tensors,
                **{one.name: one.options for one in cases})
