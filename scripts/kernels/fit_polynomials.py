#!/usr/bin/env python3
"""Fits the polynomials of core/kernels/vector_functions.h and prints them with their errors.

Needs Debian's python3-numpy and python3-scipy. Weighted least squares on Chebyshev nodes, iterated
towards equal ripples by Lawson's reweighting, then rounded to single precision.
"""
import numpy as np
from scipy.special import erfcx


def lawson(basis, target, weight, rounds=60):
    """Coefficients that nearly minimise the largest weighted error."""
    importance = np.ones(len(target))
    best, best_error = None, np.inf
    for _ in range(rounds):
        scale = weight * np.sqrt(importance)
        coefficients, *_ = np.linalg.lstsq(basis * scale[:, None], target * scale, rcond=None)
        error = np.abs((basis @ coefficients - target) * weight)
        if error.max() < best_error:
            best, best_error = coefficients, error.max()
        importance *= error / error.mean()
        importance = np.maximum(importance / importance.mean(), 1e-12)
    return best, best_error


def show(name, coefficients, error):
    print(f"{name}: largest relative error {error:.2e}")
    for power, c in enumerate(coefficients):
        print(f"    {np.float32(c):.9e}F, /* power {power} */")


nodes = np.cos(np.pi * (np.arange(4000) + 0.5) / 4000)

# exp(r) on |r| <= ln(2)/2, as 1 + r + r² q(r): the first two coefficients are exact.
r = nodes * np.log(2) / 2 * 1.0001
degree = 4
basis = np.stack([r ** (i + 2) for i in range(degree + 1)], axis=1)
c, e = lawson(basis, np.exp(r) - 1 - r, np.exp(-r))
show("exp: q", c, e)

# erfc(x/sqrt 2) = exp(-x²/2) u p(u) with u = 1/(1 + a x), x in [0, 14].
a = 0.33
u = (nodes + 1) / 2 * (1 - 1 / (1 + a * 14)) + 1 / (1 + a * 14)
x = (1 / u - 1) / a
target = erfcx(x / np.sqrt(2))
for degree in (7, 8, 9):
    basis = np.stack([u ** (i + 1) for i in range(degree + 1)], axis=1)
    c, e = lawson(basis, target, 1 / target)
    show(f"erfc: p, degree {degree}, a = {a}", c, e)

# ln(1 + f) = f - f²/2 + f³ p(f) on sqrt(1/2) <= 1 + f <= sqrt(2).
low, high = np.sqrt(0.5) - 1, np.sqrt(2) - 1
f = (nodes + 1) / 2 * (high - low) + low
target = np.log1p(f) - f + f * f / 2
for degree in (5, 6, 7):
    basis = np.stack([f ** (i + 3) for i in range(degree + 1)], axis=1)
    c, e = lawson(basis, target, 1 / np.maximum(np.abs(np.log1p(f)), 1e-3))
    show(f"log: p, degree {degree}", c, e)
