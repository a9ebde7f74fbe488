#!/usr/bin/env python3
"""Golden vectors of Reformer's LSH attention (Kitaev et al. 2020, arXiv 2001.04451).

Scores of all pairs of tokens, and for every token the list of its keys over all rounds: one softmax
over that list is the combination of rounds (appendix A).
"""
import functools

import torch

import kinds
import philox


def orders(q, rounds, buckets):
    """The tokens by (bucket, position) for each round."""
    count, width = q.shape
    key = philox.key_of(philox.HASH)
    half = buckets // 2
    for number in range(rounds):
        numbers = [philox.normal(key, number, i) for i in range(width * half)]
        rotated = q @ torch.tensor(numbers, dtype=q.dtype).reshape(width, half)
        both = torch.cat((rotated, -rotated), dim=1)
        top = both.sort(dim=1, descending=True).values
        assert ((top[:, 0] - top[:, 1]) > 1e-4).all(), "a bucket hangs on rounding: other seed"
        bucket = both.argmax(dim=1).tolist()
        yield sorted(range(count), key=lambda token: (bucket[token], token))


def key_lists(q, rounds, chunk, before, after, buckets):
    """For each token the keys of all rounds: of its chunk, those before and those after, in a ring
    of the chunks of all rounds."""
    ring = [order[at:at + chunk] for order in orders(q, rounds, buckets)
            for at in range(0, len(order), chunk)]
    ring = ring[:1] if len(q) <= chunk else ring
    lists = [[] for _ in q]
    for number, tokens in enumerate(ring):
        seen = {(number + step) % len(ring) for step in range(-before, after + 1)}
        keys = [token for other in seen for token in ring[other]]
        for token in tokens:
            lists[token] += keys
    return lists


def forward(q, v, _, rounds=2, chunk=64, before=1, after=0, buckets=None):
    count, width = q.shape
    buckets = buckets or 2 * max(1, int(count / chunk + 0.5))
    keys = q / torch.sqrt((q * q).sum(dim=1, keepdim=True) + width * 1e-6)
    scores = q @ keys.T
    rows = []
    for token, found in enumerate(key_lists(q.detach(), rounds, chunk, before, after, buckets)):
        company = [other for other in found if other != token]
        weights = torch.softmax(scores[token, company], dim=0) if company else torch.ones(1)
        rows.append(weights.to(v.dtype) @ v[company or [token]])
    return torch.stack(rows)


def case(name, tokens, width, seed, **options):
    text = " ".join(f"{key}={value}" for key, value in options.items())
    return kinds.case(name, functools.partial(forward, **options), tokens=tokens, width=width,
                      seed=seed, options=text, inputs="qv", scale=1.5)


def speed(tokens, width):
    return case("speed", tokens, width, 1)


if __name__ == "__main__":
    kinds.save("reformer",
               case("n75", 75, 32, 211, chunk=16),
               case("n149", 149, 8, 217, chunk=50, before=2),
               case("n64", 64, 8, 212, chunk=8, rounds=3, after=1, before=2),
               case("n46", 46, 8, 213, chunk=9, rounds=1, before=0, buckets=6),
               case("n33", 33, 32, 214, chunk=16, rounds=4, buckets=2),
               case("n13", 13, 8, 215, chunk=4, before=0),
               case("n7", 7, 8, 216))
