"""The engine's random numbers, computed independently: Philox 4x32-10 (Salmon et al., SC 2011).

A place (purpose, step, layer, head, sequence) under a seed gives a key; numbers under a key have a
row and an index. The golden tests run at seed 1, step 1, layer 0, head 0, sequence 0.
"""
import math

MASK = 0xFFFFFFFF
INIT, SHUFFLE, GENERATE, DROPOUT, ATTENTION, GRAPH, FEATURES = range(1, 8)
LANDMARKS, HASH, STATISTICS = 8, 9, 10


def block(counter, key):
    """Four words for a counter of four words under a key of two."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & MASK, (p0 >> 32) ^ c3 ^ k1, p0 & MASK
        k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
    return c0, c1, c2, c3


def key_of(purpose, seed=1, step=1, layer=0, head=0, sequence=0):
    mixed = block((purpose, step, layer, head), (seed & MASK, seed >> 32))
    out = block((sequence & MASK, sequence >> 32, mixed[2], mixed[3]), mixed[:2])
    return out[:2]


def bits(key, row, index):
    return block((index // 4, row, 0, 0), key)[index % 4]


def unit(word):
    """Uniform in [0, 1), 24 bits."""
    return (word >> 8) / 2**24


def below(key, row, index, bound):
    """Uniform in 0 … bound−1."""
    return ((bits(key, row, 2 * index) << 32 | bits(key, row, 2 * index + 1)) * bound) >> 64


def normal(key, row, index):
    first = index & ~1
    radius = math.sqrt(-2 * math.log((bits(key, row, first) + 0.5) / 2**32))
    angle = 2 * math.pi * bits(key, row, first + 1) / 2**32
    return radius * (math.cos(angle) if index % 2 == 0 else math.sin(angle))


def permutation(key, count):
    order = list(range(count))
    for i in range(count - 1, 0, -1):
        j = below(key, 0, i, i + 1)
        order[i], order[j] = order[j], order[i]
    return order
