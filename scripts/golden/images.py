#!/usr/bin/env python3
"""Grey values of all 2^24 colours, by numpy and, where it is installed, Pillow: what
tests/unit/test_permutation.c compares with. Prints the sum of grey values, the sum of grey value
times (colour + 1), and how many colours differ."""
import numpy

colour = numpy.arange(1 << 24, dtype=numpy.uint64)
red, green, blue = ((colour >> shift & 255).astype(numpy.uint8) for shift in (16, 8, 0))
scale = numpy.float32(1) / numpy.float32(255)
r, g, b = (channel.astype(numpy.float32) * scale for channel in (red, green, blue))
total = r * numpy.float32(0.2989) + g * numpy.float32(0.5870) + b * numpy.float32(0.1140)
tensorflow = (total * numpy.float32(255.5)).astype(numpy.uint8)
try:
    from PIL import Image
    pixels = numpy.stack([red, green, blue], axis=-1).reshape(4096, 4096, 3)
    pillow = numpy.asarray(Image.fromarray(pixels, "RGB").convert("L")).reshape(-1)
except ImportError:
    print("no Pillow: its formula instead")
    r, g, b = (channel.astype(numpy.uint64) for channel in (red, green, blue))
    pillow = ((19595 * r + 38470 * g + 7471 * b + 0x8000) >> 16).astype(numpy.uint8)
for name, grey in (("tensorflow", tensorflow), ("pillow", pillow)):
    wide = grey.astype(numpy.uint64)
    print(name, int(wide.sum()), int((wide * (colour + 1)).sum()))
print("differ", int((tensorflow != pillow).sum()))
