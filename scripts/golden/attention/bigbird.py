#!/usr/bin/env python3
"""Golden vectors of BigBird attention (Zaheer et al. 2020), first and last blocks global."""
import kinds
import philox


def block_mask(count, window, shared, random, step):
    """(count, count) whether a block of queries has a block of keys."""
    key = philox.key_of(philox.GRAPH, step=step)
    i, j = kinds.positions(count)
    first, last = (shared + 1) // 2, shared // 2
    mask = (i - j).abs() <= window // 2
    for side in (i, j):
        mask = mask | (side < first) | (side >= count - last)
    for query in range(count):
        others = [block for block in range(count) if not mask[query, block]]
        for t in range(min(random, len(others))):
            mask[query, others.pop(philox.below(key, query, t, len(others)))] = True
    return mask


def case(name, tokens, block, window, shared, random, redraw, **settings):
    count = -(-tokens // block)
    blocks = block_mask(count, window, shared, random, step=1 if redraw == "step" else 0)
    mask = blocks.repeat_interleave(block, 0).repeat_interleave(block, 1)[:tokens, :tokens]
    return kinds.case(name, kinds.along(mask), tokens=tokens, scale=1.5, **settings,
                      options=f"block={block} window={window} global={shared} random={random} "
                              f"redraw={redraw}")


def speed(tokens, width):
    return case("speed", tokens, 64, 3, 2, 3, "never", width=width, seed=1)


if __name__ == "__main__":
    kinds.save("bigbird",
               case("never", 97, 4, 3, 2, 3, "never", width=8, seed=321),
               case("step", 97, 4, 3, 2, 3, "step", width=8, seed=322),
               case("odd", 57, 5, 1, 3, 2, "never", width=32, seed=323),
               case("few", 29, 6, 3, 1, 4, "step", width=8, seed=324),
               case("short", 13, 64, 3, 2, 3, "never", width=8, seed=325),
               case("local", 40, 6, 5, 0, 0, "never", width=8, seed=326))
