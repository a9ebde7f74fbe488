#!/usr/bin/env python3
"""Golden vectors of Longformer attention with one set of projections (Beltagy et al. 2020)."""
import kinds


def case(tokens, window, first, **settings):
    i, j = kinds.positions(tokens)
    mask = (2 * (i - j).abs() <= window) | (i < first) | (j < first)
    return kinds.case(f"w{window}g{first}", kinds.along(mask), tokens=tokens,
                      options=f"window={window} global={first}", scale=1.5, **settings)


def speed(tokens, width):
    return case(tokens, 512, 1, width=width, seed=1)


if __name__ == "__main__":
    kinds.save("longformer", case(131, 8, 1, width=8, seed=311),
               case(67, 20, 3, width=32, seed=312), case(41, 4, 0, width=8, seed=313),
               case(7, 512, 9, width=8, seed=314))
