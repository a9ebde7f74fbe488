"""Small BERT and RoBERTa models over ragged sequences, by autograd in float64.

As in Devlin et al. 2019 and Liu et al. 2019: norms after the blocks and the embeddings, a pooler,
a head for masked words whose decoder is the table of words. Parameters are a dictionary of tensors
under canonical names.
"""
import dataclasses
import math

import torch

import common
import model

EPSILON = {"bert": 1e-12, "roberta": 1e-5}


@dataclasses.dataclass(frozen=True)
class Protocol:
    """What the models of the golden files differ in."""
    family: str = "bert"
    target: str = "class"  # or score, masked
    activation: str = "gelu"  # or gelu-tanh, relu
    types: int = 2
    first_position: int = 0


def make_parameters(random, protocol):
    """Values large enough that no nonlinearity is near its linear range or saturated."""
    parameters = {}

    def table(name, rows):
        parameters[f"embeddings.{name}_embeddings.weight"] = common.normal(
            random, rows, model.WIDTH, scale=0.5)

    def linear(name, columns, rows, gain=1.0):
        parameters[f"{name}.weight"] = common.normal(random, columns, rows,
                                                     scale=gain / math.sqrt(rows))
        parameters[f"{name}.bias"] = common.normal(random, columns, scale=0.1)

    def norm(name):
        parameters[f"{name}.weight"] = common.normal(random, model.WIDTH, scale=0.1, mean=1.0)
        parameters[f"{name}.bias"] = common.normal(random, model.WIDTH, scale=0.1)

    width, classes = model.WIDTH, 1 if protocol.target == "score" else model.CLASSES
    table("word", model.VOCAB)
    table("position", protocol.first_position + model.POSITIONS)
    table("token_type", protocol.types)
    norm("embeddings.LayerNorm")
    for layer in range(model.LAYERS):
        prefix = f"encoder.layer.{layer}"
        for part in ("query", "key", "value"):
            linear(f"{prefix}.attention.self.{part}", width, width, gain=1.2)
        linear(f"{prefix}.attention.output.dense", width, width)
        norm(f"{prefix}.attention.output.LayerNorm")
        linear(f"{prefix}.intermediate.dense", model.HIDDEN, width)
        linear(f"{prefix}.output.dense", width, model.HIDDEN)
        norm(f"{prefix}.output.LayerNorm")
    if protocol.target == "masked":
        linear("cls.predictions.transform.dense", width, width)
        norm("cls.predictions.transform.LayerNorm")
        parameters["cls.predictions.bias"] = common.normal(random, model.VOCAB, scale=0.1)
    else:
        pooler = {"bert": "pooler", "roberta": "classifier"}[protocol.family]
        linear(f"{pooler}.dense", width, width)
        linear("classifier", classes, width, gain=2.0)
    return parameters


class Encoder:
    """The parameters, and what is computed with them."""

    def __init__(self, protocol, parameters):
        self.protocol = protocol
        self.parameters = parameters

    def linear(self, name, x):
        return model.linear(self.parameters, name, x)

    def norm(self, name, x):
        return torch.nn.functional.layer_norm(
            x, (model.WIDTH,), self.parameters[f"{name}.weight"], self.parameters[f"{name}.bias"],
            EPSILON[self.protocol.family])

    def activate(self, x):
        if self.protocol.activation == "relu":
            return torch.relu(x)
        approximate = "tanh" if self.protocol.activation == "gelu-tanh" else "none"
        return torch.nn.functional.gelu(x, approximate=approximate)

    def table(self, name, rows):
        return self.parameters[f"embeddings.{name}_embeddings.weight"][rows]

    def encode(self, tokens, types):
        positions = self.protocol.first_position + torch.arange(len(tokens))
        x = self.table("word", tokens) + self.table("token_type", types)
        x = self.norm("embeddings.LayerNorm", x + self.table("position", positions))
        for layer in range(model.LAYERS):
            prefix = f"encoder.layer.{layer}"
            attended = model.attention(self.parameters, None, layer, x, None)
            x = self.norm(f"{prefix}.attention.output.LayerNorm", x + attended)
            hidden = self.activate(self.linear(f"{prefix}.intermediate.dense", x))
            x = self.norm(f"{prefix}.output.LayerNorm",
                          x + self.linear(f"{prefix}.output.dense", hidden))
        return x

    def classify(self, x):
        pooler = {"bert": "pooler", "roberta": "classifier"}[self.protocol.family]
        return self.linear("classifier", torch.tanh(self.linear(f"{pooler}.dense", x[:1])))

    def guess(self, x):
        prefix = "cls.predictions"
        x = self.activate(self.linear(f"{prefix}.transform.dense", x))
        x = self.norm(f"{prefix}.transform.LayerNorm", x)
        words = self.parameters["embeddings.word_embeddings.weight"]
        return x @ words.T + self.parameters[f"{prefix}.bias"]


def make_places(random):
    """Some tokens of each sequence, ascending."""
    return [torch.randperm(length, generator=random)[: 1 + length // 6].sort().values
            for length in model.LENGTHS]


def make_types(random, protocol):
    """The first tokens of a sequence are of the first type, the others of the last."""
    ends = [int(torch.randint(1, length, (1,), generator=random)) for length in model.LENGTHS]
    return [(torch.arange(length) >= end).long() * (protocol.types - 1)
            for length, end in zip(model.LENGTHS, ends)]


def run(seed, protocol):
    """Everything the golden file of a model holds."""
    random = common.generator(seed)
    values = make_parameters(random, protocol)
    tokens = [torch.randint(0, model.VOCAB, (length,), generator=random)
              for length in model.LENGTHS]
    types, places = make_types(random, protocol), make_places(random)
    masked, score = protocol.target == "masked", protocol.target == "score"
    counts = [len(place) if masked else 1 for place in places]
    labels = torch.randint(0, model.VOCAB if masked else model.CLASSES, (sum(counts),),
                           generator=random)
    scores = common.normal(random, len(tokens))
    leaves = {name: common.leaf(value) for name, value in values.items()}
    encoder = Encoder(protocol, leaves)
    encoded = [encoder.encode(*sequence) for sequence in zip(tokens, types)]
    if masked:
        outputs = [encoder.guess(x[place]) for x, place in zip(encoded, places)]
    else:
        outputs = [encoder.classify(x) for x in encoded]
    if score:
        loss = ((torch.cat(outputs).flatten() - scores) ** 2).mean()
    else:
        loss = torch.stack([torch.nn.functional.cross_entropy(output, label) for output, label
                            in zip(outputs, labels.split(counts))]).mean()
    loss.backward()
    results = {"logits": torch.cat(outputs), "loss": loss.reshape(1)}
    results.update({f"param.{name}": value for name, value in values.items()})
    results.update({f"grad.{name}": leaf.grad for name, leaf in leaves.items()})
    results = {name: common.stored(value) for name, value in results.items()}
    results.update(batch(tokens, types, labels))
    if score:
        results["scores"] = common.stored(scores)
    if masked:
        results["places"] = torch.cat(places).to(torch.int32)
        results["place_offsets"] = offsets(counts)
    return results


def offsets(counts):
    return torch.tensor([0] + counts, dtype=torch.int64).cumsum(0)


def batch(tokens, types, labels):
    return {
        "tokens": torch.cat(tokens).to(torch.int32),
        "types": torch.cat(types).to(torch.int32),
        "labels": labels.to(torch.int32),
        "offsets": offsets(list(model.LENGTHS)),
    }
