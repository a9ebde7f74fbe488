"""The iterated pseudo-inverse of Nystrom approximations, as published (Xiong et al. 2021)."""
import torch


def newton_schulz(matrix, iterations):
    """Z_0 = Aᵀ/‖A‖₁, then ¼·Z·(13·I − A·Z·(15·I − A·Z·(7·I − A·Z))) again and again."""
    identity = torch.eye(len(matrix), dtype=matrix.dtype)
    inverse = matrix.T / matrix.sum(0).max()
    for _ in range(iterations):
        product = matrix @ inverse
        inner = 15 * identity - product @ (7 * identity - product)
        inverse = inverse @ (13 * identity - product @ inner) / 4
    return inverse
