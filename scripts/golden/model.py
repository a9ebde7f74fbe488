"""A two-layer pre-LN encoder classifier over ragged sequences, by autograd in float64.

Parameters are a dictionary of tensors under the names that checkpoints use.
"""
import dataclasses
import math

import torch

import common
import sbm

LAYERS, WIDTH, HEADS, HIDDEN, CLASSIFIER = 2, 16, 2, 32, 24
VOCAB, POSITIONS, CLASSES, CLUSTERS = 16, 64, 10, 6
LENGTHS = (19, 64, 7)
PAIR_LENGTHS = (19, 64, 7, 30, 12, 41)


@dataclasses.dataclass(frozen=True)
class Protocol:
    """What the models of the golden files differ in."""
    label_tokens: bool = False  # a label for every token
    left_out: bool = False  # tokens were left out: the others keep their positions
    values: tuple = None  # tokens are numbers, (token - values[0]) / values[1]
    class_token: bool = False  # a vector of its own before every sequence
    position_embedding: str = "learned"  # or sinusoidal, or none: no table
    pooling: str = "mean"  # or cls: the first vector
    pair_features: str = None  # examples are pairs of sequences, of which this is classified

    def lengths(self):
        return PAIR_LENGTHS if self.pair_features else LENGTHS

    def positions(self):
        return POSITIONS + self.class_token

    def segments(self):
        return 2 if self.pair_features else 1

    def feature_width(self):
        return {None: 1, "concat": 2, "nli": 4}[self.pair_features] * WIDTH


def make_parameters(random, protocol, with_clusters):
    """Values large enough that no nonlinearity is near its linear range or saturated."""
    parameters = {}

    def linear(name, columns, rows, gain=1.0):
        parameters[f"{name}.weight"] = common.normal(random, columns, rows,
                                                     scale=gain / math.sqrt(rows))
        parameters[f"{name}.bias"] = common.normal(random, columns, scale=0.1)

    def layernorm(name):
        parameters[f"{name}.weight"] = common.normal(random, WIDTH, scale=0.1, mean=1.0)
        parameters[f"{name}.bias"] = common.normal(random, WIDTH, scale=0.1)

    if protocol.values:
        linear("embeddings.value_embeddings", WIDTH, 1)
    else:
        parameters["embeddings.word_embeddings.weight"] = common.normal(
            random, VOCAB, WIDTH, scale=0.5)
    if protocol.class_token:
        parameters["embeddings.class_token"] = common.normal(random, WIDTH, scale=0.5)
    if protocol.position_embedding == "learned":
        parameters["embeddings.position_embeddings.weight"] = common.normal(
            random, protocol.positions(), WIDTH, scale=0.5)
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}"
        layernorm(f"{prefix}.attention.layernorm")
        for part in ("query", "key", "value"):
            linear(f"{prefix}.attention.self.{part}", WIDTH, WIDTH, gain=1.2)
        if with_clusters:
            d = WIDTH // HEADS
            parameters[f"{prefix}.attention.self.clusters"] = common.normal(
                random, HEADS, CLUSTERS, d, scale=0.7)
            linear(f"{prefix}.attention.self.membership.dense", d, d, gain=1.2)
            linear(f"{prefix}.attention.self.membership.output", d, d, gain=1.2)
        linear(f"{prefix}.attention.output.dense", WIDTH, WIDTH)
        layernorm(f"{prefix}.layernorm")
        linear(f"{prefix}.intermediate.dense", HIDDEN, WIDTH)
        linear(f"{prefix}.output.dense", WIDTH, HIDDEN)
    layernorm("encoder.layernorm")
    linear("classifier.dense", CLASSIFIER, protocol.feature_width(), gain=2.0)
    linear("classifier.output", CLASSES, CLASSIFIER, gain=2.0)
    return parameters


def make_batch(random, protocol):
    """Tokens of each sequence, and the labels of each example: one, or one a token."""
    lengths = protocol.lengths()
    tokens = [torch.randint(0, VOCAB, (length,), generator=random) for length in lengths]
    counts = lengths if protocol.label_tokens else [1] * (len(lengths) // protocol.segments())
    labels = torch.randint(0, CLASSES, (sum(counts),), generator=random)
    return tokens, labels.split(list(counts))


def make_positions(random, protocol):
    """The position of each token of each sequence: the first ones, or increasing random ones."""
    order = torch.randperm if protocol.left_out else lambda count, generator: torch.arange(count)
    return [order(POSITIONS, generator=random)[:length].sort().values
            for length in protocol.lengths()]


def linear(parameters, name, x):
    return x @ parameters[f"{name}.weight"].T + parameters[f"{name}.bias"]


def layernorm(parameters, name, x):
    return torch.nn.functional.layer_norm(
        x, (WIDTH,), parameters[f"{name}.weight"], parameters[f"{name}.bias"])


def softmax_head(q, k, v):
    return torch.softmax(q @ k.T / math.sqrt(q.shape[1]), dim=1) @ v


class SbmHeads:
    """SBM heads that sample each mask once, keep it, and add up densities."""

    def __init__(self, random):
        self.random = random
        self.masks = {}
        self.densities = []

    def __call__(self, parameters, place, q, k, v):
        sequence, layer, head = place
        prefix = f"encoder.layer.{layer}.attention.self"
        clusters = parameters[f"{prefix}.clusters"][head]
        weights = {
            "w1": parameters[f"{prefix}.membership.dense.weight"],
            "b1": parameters[f"{prefix}.membership.dense.bias"],
            "w2": parameters[f"{prefix}.membership.output.weight"],
            "b2": parameters[f"{prefix}.membership.output.bias"],
        }
        y, z, b = sbm.memberships(q, k, clusters, weights)
        probability = sbm.explored(y @ b @ z.T)
        drawn = torch.rand(probability.shape, generator=self.random, dtype=torch.float64)
        mask = (drawn < probability).to(common.REAL)
        self.masks[f"mask.{sequence}.{layer}.{head}"] = mask.to(torch.uint8)
        self.densities.append(sbm.sampled_density(probability, mask))
        return sbm.attention(q, k, v, probability, mask, "score")[1]


def attention(parameters, sequence, layer, x, heads):
    prefix = f"encoder.layer.{layer}.attention"
    q, k, v = (linear(parameters, f"{prefix}.self.{part}", x).chunk(HEADS, dim=1)
               for part in ("query", "key", "value"))
    outputs = []
    for head in range(HEADS):
        if heads is None:
            outputs.append(softmax_head(q[head], k[head], v[head]))
        else:
            outputs.append(heads(parameters, (sequence, layer, head), q[head], k[head], v[head]))
    return linear(parameters, f"{prefix}.output.dense", torch.cat(outputs, dim=1))


def sinusoids(positions):
    """The table of Vaswani et al. 2017: sines and cosines by turns, of the same angle."""
    rates = torch.exp(-math.log(10000.0) / WIDTH * torch.arange(0, WIDTH, 2, dtype=common.REAL))
    angles = positions.to(common.REAL).unsqueeze(1) * rates
    return torch.stack([torch.sin(angles), torch.cos(angles)], dim=2).flatten(1)


def embed(parameters, protocol, tokens, positions):
    """The embeddings (n, WIDTH) of a sequence, or (1 + n, WIDTH) with a class token."""
    if protocol.values:
        mean, deviation = protocol.values
        values = (tokens.to(common.REAL) - mean) / deviation
        x = linear(parameters, "embeddings.value_embeddings", values.unsqueeze(1))
    else:
        x = parameters["embeddings.word_embeddings.weight"][tokens]
    if protocol.class_token:
        x = torch.cat([parameters["embeddings.class_token"].unsqueeze(0), x])
        positions = torch.cat([torch.zeros(1, dtype=positions.dtype), positions + 1])
    if protocol.position_embedding == "none":
        return x
    if protocol.position_embedding == "sinusoidal":
        return x + sinusoids(positions)
    return x + parameters["embeddings.position_embeddings.weight"][positions]


def encode(parameters, sequence, x, heads):
    """Vectors (n, WIDTH) of the tokens of one sequence, from its embeddings. `heads` is None for
    softmax attention."""
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}"
        normed = layernorm(parameters, f"{prefix}.attention.layernorm", x)
        x = x + attention(parameters, sequence, layer, normed, heads)
        normed = layernorm(parameters, f"{prefix}.layernorm", x)
        hidden = linear(parameters, f"{prefix}.intermediate.dense", normed)
        hidden = torch.nn.functional.gelu(hidden)
        x = x + linear(parameters, f"{prefix}.output.dense", hidden)
    return layernorm(parameters, "encoder.layernorm", x)


def features_of(protocol, encoded):
    """What is classified of an example's encoded sequences: (1, features), or (n, WIDTH)."""
    if protocol.label_tokens:
        return encoded[0]
    if protocol.pooling == "cls":
        pooled = [vectors[:1] for vectors in encoded]
    else:
        pooled = [vectors.mean(dim=0, keepdim=True) for vectors in encoded]
    if protocol.pair_features == "nli":
        a, b = pooled
        pooled += [a * b, a - b]
    return torch.cat(pooled, dim=1)


def classify(parameters, features):
    hidden = torch.relu(linear(parameters, "classifier.dense", features))
    return linear(parameters, "classifier.output", hidden)


def run(seed, protocol=Protocol(), heads=None, density_weight=0.0):
    """Everything a golden file of a model holds, but for the masks."""
    random = common.generator(seed)
    values = make_parameters(random, protocol, heads is not None)
    tokens, labels = make_batch(random, protocol)
    positions = make_positions(random, protocol)
    leaves = {name: common.leaf(value) for name, value in values.items()}
    encoded = [encode(leaves, index, embed(leaves, protocol, *sequence), heads)
               for index, sequence in enumerate(zip(tokens, positions))]
    segments = protocol.segments()
    outputs = [classify(leaves, features_of(protocol, encoded[first : first + segments]))
               for first in range(0, len(encoded), segments)]
    loss = torch.stack([torch.nn.functional.cross_entropy(output, label)
                        for output, label in zip(outputs, labels)]).mean()
    results = {"logits": torch.cat(outputs), "loss": loss.reshape(1)}
    total = loss
    if heads is not None:
        density = torch.stack(heads.densities).mean()
        results["density"] = density.reshape(1)
        total = total + density_weight * density
    total.backward()
    results.update({f"param.{name}": value for name, value in values.items()})
    results.update({f"grad.{name}": leaf.grad for name, leaf in leaves.items()})
    results = {name: common.stored(value) for name, value in results.items()}
    offsets = [0]
    for length in protocol.lengths():
        offsets.append(offsets[-1] + length)
    if protocol.left_out:
        results["positions"] = torch.cat(positions).to(torch.int32)
    if protocol.values:
        results["value_scale"] = torch.tensor(protocol.values, dtype=torch.float32)
    results["tokens"] = torch.cat(tokens).to(torch.int32)
    results["offsets"] = torch.tensor(offsets, dtype=torch.int64)
    results["labels"] = torch.cat(labels).to(torch.int32)
    return results
