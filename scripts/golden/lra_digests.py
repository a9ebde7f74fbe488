#!/usr/bin/env python3
"""The digests of data/manifest.c, computed from the source files by numpy alone.

usage: lra_digests.py ROOT

ROOT holds aclImdb/ and cifar-10-batches-bin/. A digest is the SHA-256 of a split's tokens (u1 or
<u2), offsets (<i8) and labels (<i4), one behind the other, as data/prepared.h has it."""
import collections
import hashlib
import pathlib
import sys

import numpy

DEV_REVIEWS, DEV_IMAGES, PIXELS = 2500, 5000, 1024


def show(task, form, split, tokens, lengths, labels):
    offsets = numpy.concatenate([[0], numpy.cumsum(lengths)]).astype("<i8")
    digest = hashlib.sha256()
    for part in (tokens, offsets, numpy.asarray(labels, "<i4")):
        digest.update(part.tobytes())
    print(task, form, split, len(labels), digest.hexdigest())


def reviews(root, half):
    names = [f"{half}/{kind}/{path.name}" for kind in ("neg", "pos")
             for path in (root / half / kind).glob("*.txt")]
    names.sort(key=lambda name: hashlib.md5(name.encode()).hexdigest())
    return [((root / name).read_bytes(), int("/pos/" in name)) for name in names]


def text(root):
    train = reviews(root, "train")
    splits = {"dev": train[:DEV_REVIEWS], "test": reviews(root, "test"),
              "train": train[DEV_REVIEWS:]}
    counts = collections.Counter(c for review, _ in train for c in review.decode())
    kept = sorted(c for c, count in counts.items() if count >= 15)
    ids = {c: number for number, c in enumerate(kept, 3)} # padding, unknown, end
    print("characters", len(kept))
    for split, rows in splits.items():
        labels = [label for _, label in rows]
        for length in (1000, 3000, 4000):
            parts = [numpy.frombuffer(review[:length], "u1").astype("<u2") + 1
                     for review, _ in rows]
            tokens = numpy.concatenate(parts).astype("<u2")
            show("lra/text", f"bytes-{length}", split, tokens, [p.size for p in parts], labels)
        parts = [[ids.get(c, 1) for c in review.decode()[:4095]] + [2] for review, _ in rows]
        tokens = numpy.concatenate([numpy.asarray(part, "u1") for part in parts])
        show("lra/text", "characters-4096", split, tokens, [len(p) for p in parts], labels)


def tensorflow(planes):
    red, green, blue = (planes[:, i].astype(numpy.float32) * numpy.float32(1 / 255)
                        for i in range(3))
    total = red * numpy.float32(0.2989) + green * numpy.float32(0.5870)
    total = total + blue * numpy.float32(0.1140)
    return (total * numpy.float32(255.5)).astype("u1")


def pillow(planes):
    red, green, blue = (planes[:, i].astype(numpy.uint32) for i in range(3))
    return ((19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16).astype("u1")


def image(root):
    def load(names):
        records = numpy.concatenate([numpy.fromfile(root / name, "u1").reshape(-1, 3073)
                                     for name in names])
        return records[:, 0], records[:, 1:].reshape(-1, 3, PIXELS)

    train_labels, train = load([f"data_batch_{i}.bin" for i in range(1, 6)])
    test_labels, test = load(["test_batch.bin"])
    count = len(train_labels)
    hashed = sorted(range(count), key=lambda i: hashlib.md5(f"train{i}".encode()).hexdigest())
    # torch.randperm after torch.manual_seed: numpy's generator is the same Mersenne Twister.
    draw = numpy.random.RandomState(42)
    permuted = numpy.arange(count)
    for i in range(count - 1):
        other = i + int(draw.randint(0, 2**32, dtype=numpy.uint64)) % (count - i)
        permuted[i], permuted[other] = permuted[other], permuted[i]
    for form, grey, order in (("grey-tensorflow", tensorflow, hashed),
                              ("grey-pillow", pillow, permuted)):
        parts = {"train": (grey(train), numpy.sort(order[:-DEV_IMAGES]), train_labels),
                 "dev": (grey(train), numpy.sort(order[-DEV_IMAGES:]), train_labels),
                 "test": (grey(test), numpy.arange(len(test_labels)), test_labels)}
        for split, (pixels, chosen, labels) in parts.items():
            show("lra/image", form, split, pixels[chosen], [PIXELS] * len(chosen),
                 labels[chosen])


root = pathlib.Path(sys.argv[1])
text(root / "aclImdb")
image(root / "cifar-10-batches-bin")
