#!/usr/bin/env python3
"""Compares two sets of Pathfinder pictures: one that sbmt drew, and one of the original generator.

usage: compare_pathfinder.py OURS REFERENCE [--sheet PICTURE.png]

Each is the folder of a set, with imgs/ and metadata/. Printed are figures of both, as a whole and
by label, with standard errors; how much the shares of the 256 greys differ, and how much those of
two random halves of the reference do; and where pictures are bright. `--sheet` draws some of OURS.

Needs numpy and Pillow (Debian: python3-numpy, python3-pil; run it with /usr/bin/python3 where
another Python comes first in the PATH).
"""
import argparse
import pathlib
import sys

import needed


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("ours")
    parser.add_argument("reference")
    parser.add_argument("--sheet", metavar="PICTURE.png")
    return parser.parse_args()


OPTIONS = parse_arguments()
numpy = needed.module("numpy", "python3-numpy")
Image = needed.module("PIL.Image", "python3-pil")

RADIUS = {32: 1.5, 64: 2.5, 128: 3.0, 256: 5.0}
LIT = 100


def read(folder):
    """Pictures (count, side, side) and labels of a set."""
    pictures, labels = [], []
    for lines in sorted(pathlib.Path(folder, "metadata").glob("*.npy")):
        for line in lines.read_text(encoding="ascii").splitlines():
            fields = line.split()
            pictures.append(numpy.asarray(Image.open(pathlib.Path(folder, fields[0], fields[1]))))
            labels.append(int(fields[3]))
    if not pictures:
        sys.exit(f"compare_pathfinder.py: {folder}: no pictures are listed in metadata/")
    return numpy.stack(pictures), numpy.array(labels)


def disc(radius):
    reach = int(numpy.ceil(radius))
    y, x = numpy.mgrid[-reach:reach + 1, -reach:reach + 1]
    return [(v, u) for v, u in zip(y.ravel(), x.ravel()) if v * v + u * u <= radius * radius]


def markers(picture):
    """The centers of the two brightest discs, which lie apart."""
    side = len(picture)
    radius = RADIUS[side]
    reach = int(numpy.ceil(radius))
    padded = numpy.pad(picture.astype(float), reach)
    worth = numpy.mean([padded[reach + v:reach + v + side, reach + u:reach + u + side]
                        for v, u in disc(radius)], axis=0)
    centers = []
    for _ in range(2):
        y, x = numpy.unravel_index(numpy.argmax(worth), worth.shape)
        centers.append((y, x))
        far = int(2 * radius)
        worth[max(y - far, 0):y + far + 1, max(x - far, 0):x + far + 1] = -1
    return numpy.array(centers)


def figures(picture):
    """What is measured of one picture."""
    centers = markers(picture)
    side = len(picture)
    y, x = numpy.mgrid[:side, :side]
    sizes = []
    near = numpy.zeros(picture.shape, bool)
    for center in centers:
        distance = numpy.hypot(y - center[0], x - center[1])
        within = distance <= RADIUS[side] + 1
        sizes.append((within & (picture >= picture[tuple(center)] / 2)).sum())
        near |= within
    return {
        "mean grey": picture.mean(),
        "share of zero pixels": (picture == 0).mean(),
        f"share of pixels >= {LIT}": (picture >= LIT).mean(),
        f"paths: pixels >= {LIT} beside markers": ((picture >= LIT) & ~near).sum(),
        "marker size (pixels)": numpy.mean(sizes),
        "distance between markers": numpy.hypot(*(centers[0] - centers[1])),
        "nearer marker to the middle":
            numpy.hypot(*(centers - (side - 1) / 2).T).min(),
    }


def show(values):
    return f"{values.mean():.4f} +- {values.std() / len(values) ** 0.5:.4f}"


def table(name, pictures, labels):
    print(f"{name}: {len(labels)} pictures, {labels.mean():.4f} with label 1")
    rows = [figures(picture) for picture in pictures]
    for key in rows[0]:
        values = numpy.array([row[key] for row in rows])
        print(f"  {key}: {show(values)}; label 0: {show(values[labels == 0])}; "
              f"label 1: {show(values[labels == 1])}")


def greys(pictures):
    return numpy.bincount(pictures.ravel(), minlength=256) / pictures.size


def distance(one, other):
    """Half the sum of absolute differences: the share of pixels that has another grey."""
    return abs(greys(one) - greys(other)).sum() / 2


def draw_sheet(path, pictures):
    columns, rows, gap = 8, 3, 2
    side = pictures.shape[1]
    sheet = Image.new("L", (columns * (side + gap) - gap, rows * (side + gap) - gap), 96)
    for i, picture in enumerate(pictures[:columns * rows]):
        place = (i % columns * (side + gap), i // columns * (side + gap))
        sheet.paste(Image.fromarray(picture), place)
    sheet.save(path, optimize=True)


def main():
    ours, our_labels = read(OPTIONS.ours)
    reference, reference_labels = read(OPTIONS.reference)
    table("ours", ours, our_labels)
    table("reference", reference, reference_labels)
    order = numpy.random.default_rng(1).permutation(len(reference))
    halves = numpy.array_split(reference[order], 2)
    print(f"greys: {distance(ours, reference):.5f} of the pixels differ; "
          f"between halves of the reference {distance(*halves):.5f}")
    print("correlation of the mean pictures: "
          f"{numpy.corrcoef(ours.mean(0).ravel(), reference.mean(0).ravel())[0, 1]:.4f}; "
          "of halves of the reference "
          f"{numpy.corrcoef(*(half.mean(0).ravel() for half in halves))[0, 1]:.4f}")
    if OPTIONS.sheet:
        draw_sheet(OPTIONS.sheet, ours)


main()
