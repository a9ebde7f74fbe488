#!/usr/bin/env python3
"""The PyTorch half of compare_torch.py: trains the ListOps model for a few steps and prints the
seconds of each as JSON. Needs PyTorch (Debian: python3-torch).

The model is that of configs/lra/listops. SBM attention runs as the published code of arXiv
2210.15541 does: all edge probabilities by two matrix products, a dense sample, a dense softmax
multiplied by the sample and normalised again, a clipped straight-through gradient.
"""
import math

import torch
from torch import nn
from torch.nn import functional

import torch_half

WIDTH, HEADS, LAYERS, FFN, CLASSIFIER, CLUSTERS = 64, 2, 2, 128, 128, 128
VOCAB, CLASSES, DROPOUT = 32, 10, 0.1
EXPLORATION, DENSITY_WEIGHT = 0.01, 1e-4
WORDS = ["[MIN", "[MAX", "[MED", "[SM", "]", *"0123456789"]


class Sample(torch.autograd.Function):
    """Draws edges; every edge drawn hands its gradient, clipped, to its probability."""

    @staticmethod
    def forward(ctx, probability):
        drawn = torch.bernoulli(torch.clamp(probability + EXPLORATION, 0, 1))
        ctx.save_for_backward(drawn)
        return drawn

    @staticmethod
    def backward(ctx, gradient):
        (drawn,) = ctx.saved_tensors
        return functional.hardtanh(drawn * gradient)


class SoftmaxHeads(nn.Module):
    def forward(self, q, k, v):
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
        weights = functional.dropout(torch.softmax(scores, dim=-1), DROPOUT, self.training)
        return weights @ v, None


class FusedSoftmaxHeads(nn.Module):
    def forward(self, q, k, v):
        rate = DROPOUT if self.training else 0.0
        return functional.scaled_dot_product_attention(q, k, v, dropout_p=rate), None


class SbmHeads(nn.Module):
    def __init__(self):
        super().__init__()
        d = WIDTH // HEADS
        scale = math.sqrt(2 / (CLUSTERS * d))
        self.clusters = nn.Parameter(scale * torch.randn(HEADS, CLUSTERS, d))
        self.membership = nn.Sequential(nn.Linear(d, d), nn.ReLU(), nn.Linear(d, d))

    def forward(self, q, k, v):
        across = self.clusters.transpose(-1, -2)
        block = torch.softmax((self.clusters @ across).flatten(1), dim=-1)
        block = block.view(HEADS, CLUSTERS, CLUSTERS)
        y = torch.sigmoid(self.membership(q) @ across)
        z = torch.sigmoid(self.membership(k) @ across)
        edges = Sample.apply(y @ (block @ z.transpose(-1, -2)))
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
        weights = functional.normalize(torch.softmax(scores, dim=-1) * edges, p=1, dim=-1)
        weights = functional.dropout(weights, DROPOUT, self.training)
        return weights @ v, edges.mean()


ATTENTIONS = {"softmax": SoftmaxHeads, "softmax-fused": FusedSoftmaxHeads, "sbm": SbmHeads}


class Layer(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.query, self.key = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.value, self.output = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.heads = ATTENTIONS[kind]()
        self.ffn = nn.Sequential(nn.Linear(WIDTH, FFN), nn.GELU(), nn.Dropout(DROPOUT),
                                 nn.Linear(FFN, WIDTH))
        self.dropout = nn.Dropout(DROPOUT)

    @staticmethod
    def split(x):
        return x.view(x.shape[0], x.shape[1], HEADS, WIDTH // HEADS).transpose(1, 2)

    def forward(self, x):
        normed = self.norm1(x)
        q, k, v = (self.split(part(normed)) for part in (self.query, self.key, self.value))
        mixed, density = self.heads(q, k, v)
        x = x + self.dropout(self.output(mixed.transpose(1, 2).flatten(2)))
        return x + self.dropout(self.ffn(self.norm2(x))), density


class Classifier(nn.Module):
    def __init__(self, kind, length):
        super().__init__()
        self.words, self.positions = nn.Embedding(VOCAB, WIDTH), nn.Embedding(length, WIDTH)
        for table in (self.words, self.positions):
            nn.init.normal_(table.weight, std=0.02)
        self.layers = nn.ModuleList(Layer(kind) for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Sequential(nn.Linear(WIDTH, CLASSIFIER), nn.ReLU(),
                                  nn.Linear(CLASSIFIER, CLASSES))
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, tokens):
        x = self.dropout(self.words(tokens) + self.positions.weight[: tokens.shape[1]])
        densities = []
        for layer in self.layers:
            x, density = layer(x)
            if density is not None:
                densities.append(density)
        logits = self.head(self.norm(x).mean(dim=1))
        return logits, torch.stack(densities).mean() if densities else None


def read_data(path):
    """Tokens (count, length) and labels of a file whose sequences all have one length."""
    numbers = {word: index for index, word in enumerate(WORDS)}
    tokens, labels = [], []
    with open(path, encoding="ascii") as file:
        next(file)
        for line in file:
            source, target = line.rstrip("\r\n").split("\t")
            tokens.append([numbers[word] for word in source.split()])
            labels.append(int(target))
    return torch.tensor(tokens), torch.tensor(labels)


def train(options):
    tokens, labels = read_data(options.data)
    model = Classifier(options.attention, tokens.shape[1]).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-4, eps=1e-6, weight_decay=0.0)

    def step(batch):
        tokens, labels = batch
        optimizer.zero_grad()
        logits, density = model(tokens)
        loss = functional.cross_entropy(logits, labels)
        total = loss if density is None else loss + DENSITY_WEIGHT * density
        total.backward()
        optimizer.step()
        return loss.item(), None if density is None else density.item()

    chosen = torch.arange(options.steps * options.batch).view(options.steps, -1) % len(labels)
    return torch_half.time_steps(step, [(tokens[rows], labels[rows]) for rows in chosen])


def main():
    parser = torch_half.argument_parser(__doc__)
    parser.add_argument("--attention", choices=ATTENTIONS, default="softmax")
    parser.add_argument("--data", help="a ListOps file whose sequences all have the same length")
    parser.add_argument("--batch", type=int, default=2)
    torch_half.main(parser, train)


if __name__ == "__main__":
    main()
