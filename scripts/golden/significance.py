#!/usr/bin/env python3
"""Golden values of significance tests by scipy, exact fractions and numpy.

Needs Debian's python3-scipy. Usage: significance.py [FOLDER]

What scipy gives by its own random numbers is computed here with the engine's (philox.py), and only
checked against scipy's within what chance allows.
"""
import fractions
import math

import numpy
import scipy.stats
import sklearn.metrics

import common
import philox

DRAWS = 2000
PERMUTATION_DRAWS = 99999


def test_key():
    return philox.key_of(philox.STATISTICS, seed=0, step=1)


def permutation_cases(random):
    for count in (2, 3, 5, 10, 16):
        yield f"normal{count}", random.normal(0.5, 1.0, count)
    yield "percent", numpy.round(random.normal(0.3, 0.5, 12), 2)
    yield "ties", numpy.array([0.1, 0.2, 0.3, -0.1, -0.2, 0.3, 0.0])
    yield "zeros", numpy.zeros(4)
    yield "one_sided", numpy.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])


def permutation(difference):
    """Of pairs (difference, 0) under all their exchanges."""
    result = scipy.stats.permutation_test(
        (difference, numpy.zeros_like(difference)),
        lambda x, y, axis: numpy.sum(x - y, axis=axis), permutation_type="samples",
        vectorized=True, n_resamples=numpy.inf)
    return result.pvalue


def flips(count, draws):
    """(draws, count) of true and false, by the engine's random numbers."""
    key, words = test_key(), (count + 31) // 32
    drawn = numpy.array([[philox.bits(key, row, word) for word in range(words)]
                         for row in range(draws)], dtype=numpy.uint64)
    index = numpy.arange(count)
    return (drawn[:, index // 32] >> (index % 32).astype(numpy.uint64) & numpy.uint64(1)) == 1


def drawn_permutation(difference):
    signs = numpy.where(flips(len(difference), PERMUTATION_DRAWS), -1.0, 1.0)
    hits = numpy.sum(numpy.abs(signs @ difference) >= abs(difference.sum()) - 1e-9)
    p = (hits + 1) / (PERMUTATION_DRAWS + 1)
    other = scipy.stats.permutation_test(
        (difference, numpy.zeros_like(difference)),
        lambda x, y, axis: numpy.sum(x - y, axis=axis), permutation_type="samples",
        vectorized=True, n_resamples=PERMUTATION_DRAWS, batch=1000, random_state=1).pvalue
    assert abs(p - other) < 6 * math.sqrt(p * (1 - p) / PERMUTATION_DRAWS), (p, other)
    return p


def mcnemar(first, second):
    """The exact value as a fraction, rounded once; scipy's is checked to be near."""
    total, least = first + second, min(first, second)
    term, tail = 1, 0
    for i in range(least + 1):
        tail += term
        term = term * (total - i) // (i + 1)
    p = float(min(fractions.Fraction(1), fractions.Fraction(2 * tail, 2**total)))
    other = scipy.stats.binomtest(first, total).pvalue if total else 1.0
    assert math.isclose(p, other, rel_tol=1e-9), (first, second, p, other)
    return p


def compare_examples(tensors, random):
    """The F1 of two sets of predictions: a permutation test over examples."""
    label = random.integers(0, 2, 90).astype(numpy.int32)
    first = numpy.where(random.random(90) < 0.25, 1 - label, label).astype(numpy.int32)
    second = numpy.where(random.random(90) < 0.35, 1 - label, label).astype(numpy.int32)

    def difference(labels, one, other):
        return sklearn.metrics.f1_score(labels, one) - sklearn.metrics.f1_score(labels, other)

    observed = abs(difference(label, first, second))
    hits = 0
    for flip in flips(90, DRAWS):
        swapped = numpy.where(flip, second, first), numpy.where(flip, first, second)
        hits += abs(difference(label, *swapped)) >= observed - 1e-9
    tensors["examples.label"], tensors["examples.first"] = label, first
    tensors["examples.second"] = second
    tensors["examples.permutation"] = numpy.array([(hits + 1) / (DRAWS + 1)])


def main():
    random = numpy.random.default_rng(602)
    tensors = {}
    for name, difference in permutation_cases(random):
        tensors[f"permutation.{name}"] = difference
        tensors[f"permutation.{name}.p"] = numpy.array([permutation(difference)])
    difference = random.normal(0.4, 1.0, 33)
    tensors["permutation.drawn"] = difference
    tensors["permutation.drawn.p"] = numpy.array([drawn_permutation(difference)])
    pairs = [(0, 0), (0, 1), (1, 0), (0, 7), (5, 5), (5, 6), (9, 2), (40, 61), (300, 200),
             (1200, 1000), (0, 900), (20000, 20500)]
    tensors["mcnemar.pairs"] = numpy.array(pairs, dtype=numpy.int32)
    tensors["mcnemar.p"] = numpy.array([mcnemar(*pair) for pair in pairs])
    values = random.normal(60.0, 2.0, 9)
    tensors["moments"] = values
    tensors["moments.expected"] = numpy.array(
        [values.mean(), values.std(ddof=1), numpy.median(values)])
    compare_examples(tensors, random)
    common.save("significance", tensors, draws=DRAWS)


if __name__ == "__main__":
    main()
