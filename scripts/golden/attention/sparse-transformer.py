#!/usr/bin/env python3
"""Golden vectors of Sparse Transformer attention in both directions (Child et al. 2019)."""
import kinds


def case(name, tokens, near, far, heads, options, **settings):
    """The head of these files is number 0: of split heads it has the first set."""
    mask = near if heads == "split" else near | far
    return kinds.case(name, kinds.along(mask), tokens=tokens, scale=1.5,
                      options=f"{options} heads={heads}", **settings)


def strided(name, tokens, stride, heads="merged", **settings):
    i, j = kinds.positions(tokens)
    return case(name, tokens, (i - j).abs() <= stride, (i - j) % stride == 0, heads,
                f"pattern=strided stride={stride}", **settings)


def fixed(name, tokens, stride, summaries, heads="merged", **settings):
    i, j = kinds.positions(tokens)
    end = ((j // stride + 1) * stride).clamp(max=tokens)
    return case(name, tokens, i // stride == j // stride, j >= end - summaries, heads,
                f"pattern=fixed stride={stride} summaries={summaries}", **settings)


def speed(tokens, width):
    return strided("speed", tokens, 128, width=width, seed=1)


if __name__ == "__main__":
    kinds.save("sparse-transformer",
               strided("strided", 97, 9, width=8, seed=331),
               strided("strided-split", 43, 8, "split", width=32, seed=332),
               strided("strided-short", 5, 128, width=8, seed=333),
               fixed("fixed", 97, 9, 2, width=8, seed=334),
               fixed("fixed-split", 43, 8, 3, "split", width=32, seed=335),
               fixed("fixed-short", 5, 128, 32, width=8, seed=336))
