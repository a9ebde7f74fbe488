"""A minimal reader and writer of safetensors files, for machines without that package.

A file is a u64 little-endian header length, a JSON header, and the tensors' bytes without gaps.
The same tensors in the same order always give the same bytes.
"""
import json
import os
import struct

import numpy

DTYPES = {
    "F64": "<f8",
    "I64": "<i8",
    "F32": "<f4",
    "I32": "<i4",
    "U8": "|u1",
}


def _array(value):
    """A C-contiguous little-endian numpy array of a tensor or an array."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    array = numpy.ascontiguousarray(value)
    return array.astype(array.dtype.newbyteorder("<"), copy=False)


def _dtype_name(array):
    for name, code in DTYPES.items():
        if array.dtype == numpy.dtype(code):
            return name
    raise TypeError(f"dtype {array.dtype} has no name in this writer")


def write(path, tensors, metadata=None):
    """Writes {name: tensor or array}. Wider dtypes are stored first, so that every tensor is
    aligned to its elements; among equals the order is the dictionary's."""
    arrays = {name: _array(value) for name, value in tensors.items()}
    order = sorted(arrays, key=lambda name: -arrays[name].dtype.itemsize)
    header = {}
    if metadata:
        header["__metadata__"] = {key: str(value) for key, value in metadata.items()}
    position = 0
    for name in order:
        array = arrays[name]
        header[name] = {
            "dtype": _dtype_name(array),
            "shape": list(array.shape),
            "data_offsets": [position, position + array.nbytes],
        }
        position += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % 64)
    temporary = f"{path}.tmp"
    with open(temporary, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for name in order:
            file.write(arrays[name].tobytes())
    os.replace(temporary, path)


def read(path):
    """Returns ({name: array}, metadata)."""
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack_from("<Q", content)
    header = json.loads(content[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    data = memoryview(content)[8 + length :]
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        flat = numpy.frombuffer(data[begin:end], dtype=DTYPES[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"])
    return tensors, metadata
