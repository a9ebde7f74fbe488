"""SBM attention of one head (arXiv 2210.15541) for a given mask, dense, by autograd.

n tokens, d columns, k clusters: q, k, v (n, d); clusters (k, d); mask (n, n) of zeros and ones.
"""
import math

import torch

EXPLORATION = 0.01


def membership(x, weights):
    """Linear, ReLU, Linear; weights: w1 (d, d), b1 (d), w2 (d, d), b2 (d) as torch stores them."""
    hidden = torch.relu(x @ weights["w1"].T + weights["b1"])
    return hidden @ weights["w2"].T + weights["b2"]


def memberships(q, k, clusters, weights):
    """Y (n, k), Z (n, k) and B (k, k)."""
    y = torch.sigmoid(membership(q, weights) @ clusters.T)
    z = torch.sigmoid(membership(k, weights) @ clusters.T)
    count = clusters.shape[0]
    b = torch.softmax((clusters @ clusters.T).reshape(count * count), dim=0).reshape(count, count)
    return y, z, b


def explored(p):
    """min(P + exploration, 1); the inputs are chosen so that nothing is cut off."""
    assert (p + EXPLORATION).max() < 1
    return torch.clamp(p + EXPLORATION, max=1.0)


class Gate(torch.autograd.Function):
    """Masked scores M ⊙ s. Scores get the true gradient, P one of three straight-through ones."""

    @staticmethod
    def forward(ctx, scores, probability, mask, form):
        ctx.save_for_backward(scores, mask)
        ctx.form = form
        return mask * scores

    @staticmethod
    def backward(ctx, gradient):
        scores, mask = ctx.saved_tensors
        on_edges = mask * gradient
        if ctx.form == "score":
            to_probability = on_edges * scores
        elif ctx.form == "plain":
            to_probability = on_edges
        else:
            to_probability = torch.nn.functional.hardtanh(on_edges)
        return on_edges, to_probability, None, None


class EdgeCount(torch.autograd.Function):
    """The number of edges; its gradient is one on the probability of every sampled edge."""

    @staticmethod
    def forward(ctx, probability, mask):
        ctx.save_for_backward(mask)
        return mask.sum()

    @staticmethod
    def backward(ctx, gradient):
        (mask,) = ctx.saved_tensors
        return gradient * mask, None


def softmax_over_edges(scores, mask):
    """Softmax of each row over the entries where mask is one; a row without any gives zeros."""
    top = scores.masked_fill(mask == 0, -math.inf).max(dim=1, keepdim=True).values
    top = torch.where(torch.isinf(top), torch.zeros_like(top), top).detach()
    weight = mask * torch.exp((scores - top).masked_fill(mask == 0, 0.0))
    total = weight.sum(dim=1, keepdim=True)
    return weight / torch.where(total > 0, total, torch.ones_like(total))


def attention(q, k, v, probability, mask, form):
    """A (n, n) and the output (n, d)."""
    scores = q @ k.T / math.sqrt(q.shape[1])
    weight = softmax_over_edges(Gate.apply(scores, probability, mask, form), mask)
    return weight, weight @ v


def sampled_density(probability, mask):
    """Edges / n², with the straight-through gradient."""
    return EdgeCount.apply(probability, mask) / mask.numel()


def expected_density(y, z, b):
    """Σ P / n² without exploration, differentiated exactly."""
    return (y.sum(dim=0) @ b @ z.sum(dim=0)) / (y.shape[0] * z.shape[0])


def expected_attention(q, k, v, edge):
    """The output (n, d) with all pairs weighed by an expected edge (n, n): no mask is drawn."""
    weight = edge * torch.exp(q @ k.T / math.sqrt(q.shape[1]))
    return weight / weight.sum(dim=1, keepdim=True) @ v
