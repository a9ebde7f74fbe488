#!/usr/bin/env python3
"""The PyTorch half of compare_bert.py: fine-tunes a BERT with random weights for a few steps and
prints the seconds of each as JSON. Needs PyTorch (Debian: python3-torch).

The encoder is nn.TransformerEncoder with norms after the blocks; embeddings, pooler and classifier
are those of BertForSequenceClassification. A batch is padded to its longest sequence, outside of
what is timed.
"""
import torch
from torch import nn
from torch.nn import functional

import torch_half

TOKEN_TYPES, CLASSES, DROPOUT, EPSILON = 2, 2, 0.1, 1e-12
LEARNING_RATE, WEIGHT_DECAY, CLIP = 5e-5, 0.01, 1.0


class Bert(nn.Module):
    def __init__(self, options):
        super().__init__()
        width = options.width
        self.words = nn.Embedding(options.words, width)
        self.positions = nn.Embedding(options.positions, width)
        self.types = nn.Embedding(TOKEN_TYPES, width)
        self.norm = nn.LayerNorm(width, eps=EPSILON)
        layer = nn.TransformerEncoderLayer(
            width, options.heads, options.ffn, dropout=DROPOUT, activation="gelu",
            layer_norm_eps=EPSILON, batch_first=True, norm_first=False)
        self.encoder = nn.TransformerEncoder(layer, options.layers)
        self.pooler = nn.Sequential(nn.Linear(width, width), nn.Tanh())
        self.classifier = nn.Linear(width, CLASSES)
        self.dropout = nn.Dropout(DROPOUT)
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(self, tokens, types, padding):
        places = torch.arange(tokens.shape[1])
        x = self.words(tokens) + self.types(types) + self.positions(places)
        x = self.encoder(self.dropout(self.norm(x)), src_key_padding_mask=padding)
        return self.classifier(self.dropout(self.pooler(x[:, 0])))


def optimizer_of(model):
    """AdamW whose weight decay is that of matrices, as fine-tuning has it."""
    groups = [{"params": [p for p in model.parameters() if p.dim() > 1],
               "weight_decay": WEIGHT_DECAY},
              {"params": [p for p in model.parameters() if p.dim() <= 1], "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=LEARNING_RATE, eps=1e-6)


def read_batch(path):
    """A file with the ids of a sequence a line: (tokens, types, padding), (count, longest) each."""
    with open(path, encoding="ascii") as file:
        sequences = [[int(word) for word in line.split()] for line in file]
    longest = max(map(len, sequences))
    tokens = torch.tensor([ids + [0] * (longest - len(ids)) for ids in sequences])
    lengths = torch.tensor([len(ids) for ids in sequences])
    return tokens, torch.zeros_like(tokens), torch.arange(longest) >= lengths[:, None]


def train(options):
    batch = read_batch(options.data)
    labels = torch.randint(CLASSES, (len(batch[0]),))
    model = Bert(options).train()
    optimizer = optimizer_of(model)

    def step(batch):
        optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(model(*batch), labels)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        return loss.item(), None

    return {**torch_half.time_steps(step, [batch] * options.steps),
            "padded_tokens": batch[0].numel(), "tokens": int((~batch[2]).sum()),
            "parameters": sum(p.numel() for p in model.parameters())}


def main():
    parser = torch_half.argument_parser(__doc__)
    parser.add_argument("--data", help="the sequences of the batch, as sbmt data tokenize prints")
    parser.add_argument("--words", type=int, default=30522, help="tokens of the vocabulary")
    parser.add_argument("--positions", type=int, default=128, help="rows of their table")
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--width", type=int, default=768)
    parser.add_argument("--heads", type=int, default=12)
    parser.add_argument("--ffn", type=int, default=3072)
    torch_half.main(parser, train)


if __name__ == "__main__":
    main()
