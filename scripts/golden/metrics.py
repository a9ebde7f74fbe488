#!/usr/bin/env python3
"""Golden values of metrics by scikit-learn and scipy, of random and of degenerate answers.

Needs Debian's python3-sklearn and python3-scipy. Usage: metrics.py [FOLDER]

For each case its answers (`label` and `prediction`, or `target` and `score`) and for each metric
the pair (value, 1 or 0: it is defined). Where a library warns that a value is not defined or gives
nan, the value is 0.
"""
import warnings

import numpy
import scipy.stats
import sklearn.metrics

import common


def f1(label, prediction):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        value = sklearn.metrics.f1_score(label, prediction, labels=[1], average="macro")
    return value, not caught


def matthews(label, prediction):
    defined = len(set(label)) > 1 and len(set(prediction)) > 1
    return sklearn.metrics.matthews_corrcoef(label, prediction), defined


def correlation(function, target, score):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = function(target, score)[0]
    return (0.0, False) if numpy.isnan(value) else (value, True)


def of_classes(label, prediction):
    return {
        "accuracy": (sklearn.metrics.accuracy_score(label, prediction), True),
        "f1": f1(label, prediction),
        "matthews": matthews(label, prediction),
    }


def of_scores(target, score):
    return {
        "pearson": correlation(scipy.stats.pearsonr, target, score),
        "spearman": correlation(scipy.stats.spearmanr, target, score),
    }


def noisy(random, label, classes, share):
    """Labels of which a share is replaced by random ones."""
    drawn = random.integers(0, classes, len(label))
    return numpy.where(random.random(len(label)) < share, drawn, label)


def class_cases(random):
    for classes, count, share in ((2, 500, 0.3), (2, 500, 1.0), (3, 400, 0.4), (10, 1000, 0.6)):
        label = random.integers(0, classes, count)
        yield f"random{classes}.{share}", classes, label, noisy(random, label, classes, share)
    label = (random.random(2000) < 0.03).astype(int)
    yield "rare", 2, label, noisy(random, label, 2, 0.05)
    label = random.integers(0, 2, 60)
    ones, zeros = numpy.ones_like(label), numpy.zeros_like(label)
    yield "right", 2, label, label
    yield "wrong", 2, label, 1 - label
    yield "all_positive", 2, label, ones
    yield "all_negative", 2, label, zeros
    yield "no_positive_label", 2, zeros, label
    yield "constant_right", 2, ones, ones
    yield "constant_wrong", 2, ones, zeros
    yield "no_positive_at_all", 2, zeros, zeros
    yield "missing_class", 4, 2 * label, numpy.minimum(2 * label + 1, 2)
    yield "one_example", 2, ones[:1], zeros[:1]


def score_cases(random):
    target = random.normal(size=300)
    score = 0.7 * target + random.normal(size=300)
    yield "random", target, score
    yield "unrelated", target, random.normal(size=300)
    yield "shifted", target, 1e6 + 1e-3 * score
    yield "monotonic", target, numpy.exp(3 * target)
    yield "falling", target, -2.0 * target
    ratings = numpy.round(5 * random.random(1500) * 5) / 5
    yield "ties_both", ratings, numpy.clip(numpy.round(ratings + random.normal(size=1500)), 0, 5)
    yield "ties_one", ratings, ratings + random.normal(size=1500)
    yield "two_values", (target > 0).astype(float), (score > 0.5).astype(float)
    yield "constant_score", target, numpy.full(300, 0.1)
    yield "constant_target", numpy.full(300, 0.1), score
    yield "constant_both", numpy.full(7, 2.0), numpy.full(7, 3.0)
    yield "one_differs", target, numpy.concatenate([numpy.full(299, 0.1), [0.2]])
    yield "two_examples", target[:2], score[:2]


def store(tensors, name, found):
    for metric, (value, defined) in found.items():
        tensors[f"{name}.{metric}"] = numpy.array([value, defined], dtype=numpy.float64)


def main():
    random = numpy.random.default_rng(601)
    tensors = {}
    for name, classes, label, prediction in class_cases(random):
        tensors[f"{name}.classes"] = numpy.array([classes], dtype=numpy.int32)
        tensors[f"{name}.label"] = label.astype(numpy.int32)
        tensors[f"{name}.prediction"] = prediction.astype(numpy.int32)
        store(tensors, name, of_classes(label, prediction))
    for name, target, score in score_cases(random):
        tensors[f"{name}.target"] = target
        tensors[f"{name}.score"] = score
        store(tensors, name, of_scores(target, score))
    common.save("metrics", tensors)


if __name__ == "__main__":
    main()
