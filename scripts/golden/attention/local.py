#!/usr/bin/env python3
"""Golden vectors of sliding-window attention (Beltagy et al. 2020, section 3.1)."""
import kinds


def case(tokens, window, **settings):
    i, j = kinds.positions(tokens)
    return kinds.case(f"w{window}", kinds.along((i - j).abs() <= window), tokens=tokens,
                      options=f"window={window}", scale=1.5, **settings)


def speed(tokens, width):
    return case(tokens, 128, width=width, seed=1)


if __name__ == "__main__":
    kinds.save("local", case(131, 5, width=8, seed=301), case(67, 20, width=32, seed=302),
               case(9, 128, width=8, seed=303), case(11, 0, width=8, seed=304))
