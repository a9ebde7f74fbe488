#!/usr/bin/env python3
"""Golden vectors of sparse Sinkhorn attention (Tay et al. 2020): blocks, sorted and own keys."""
import math

import torch

import common
import kinds

TEMPERATURE, ITERATIONS, BLOCK = 0.75, 5, 64


def balanced(logits, iterations):
    for _ in range(iterations):
        logits = logits - torch.logsumexp(logits, dim=1, keepdim=True)
        logits = logits - torch.logsumexp(logits, dim=0, keepdim=True)
    return logits.exp()


def head(block, iterations, temperature):
    def forward(q, k, v, parameters):
        tokens, width = q.shape
        blocks = math.ceil(tokens / block)
        missing = (0, 0, 0, blocks * block - tokens)
        keys = torch.nn.functional.pad(k, missing).view(blocks, block, width)
        values = torch.nn.functional.pad(v, missing).view(blocks, block, width)
        weight = parameters["sort.weight"][0, :blocks]
        mix = balanced(keys.sum(dim=1) @ weight.T / temperature, iterations)
        sorted_keys = torch.einsum("ij,jtd->itd", mix, keys)
        sorted_values = torch.einsum("ij,jtd->itd", mix, values)
        rows = min(block, tokens)  # a row that no block has is in no sorted block
        out = []
        for i in range(blocks):
            own = slice(i * block, min(tokens, (i + 1) * block))
            attended = torch.cat([sorted_keys[i][:rows], k[own]])
            weights = torch.softmax(q[own] @ attended.T / math.sqrt(width), dim=1)
            out.append(weights @ torch.cat([sorted_values[i][:rows], v[own]]))
        return torch.cat(out)
    return forward


def case(name, tokens, width, seed, positions=None, block=BLOCK, iterations=ITERATIONS,
         temperature=TEMPERATURE, scale=1.0):
    positions = positions or tokens
    rows = math.ceil(positions / block)
    weight = common.normal(common.generator(seed + 100), 1, rows, width, scale=0.3)
    return kinds.case(name, head(block, iterations, temperature), tokens=tokens, width=width,
                      seed=seed, scale=scale, parameters={"sort.weight": weight},
                      options=f"block={block} iterations={iterations} temperature={temperature} "
                              f"positions={positions}")


def speed(tokens, width):
    return case("speed", tokens, width, 1)


if __name__ == "__main__":
    kinds.save("sinkhorn", case("n61", 61, 8, 241, block=8),
               case("n33", 33, 32, 242, block=16, iterations=2, temperature=1.5),
               case("n40", 40, 8, 243, positions=64, block=8, temperature=0.5),
               case("n21", 21, 8, 244, block=32),
               case("n7", 7, 8, 245, block=1, iterations=3))
