"""Readers of the program's binary files that share no code with it: safetensors, and TensorBoard's
events with their checksums."""
import json
import math
import struct

FORMATS = {"F32": "f", "F64": "d", "I32": "i", "I64": "q"}


class Matrix:
    """A tensor of numbers by rows; a list has one column."""

    def __init__(self, shape, values):
        self.rows = shape[0]
        self.columns = math.prod(shape[1:])
        self.values = values

    def row(self, i):
        return self.values[i * self.columns:(i + 1) * self.columns]


def safetensors(path):
    """The tensors by name, and the metadata."""
    data = path.read_bytes()
    size = struct.unpack_from("<Q", data)[0]
    header = json.loads(data[8:8 + size])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        count = math.prod(entry["shape"])
        values = struct.unpack(f"<{count}{FORMATS[entry['dtype']]}", data[begin:end])
        tensors[name] = Matrix(entry["shape"], values)
    return tensors, metadata


def _table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


TABLE = _table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 255] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def records(path):
    """The records of an events file, each with both of its checksums right."""
    data, at = path.read_bytes(), 0
    while at < len(data):
        size, crc = struct.unpack_from("<QI", data, at)
        assert crc == masked(data[at:at + 8]), f"{path}: checksum of a length at {at}"
        record = data[at + 12:at + 12 + size]
        assert struct.unpack_from("<I", data, at + 12 + size)[0] == masked(record), f"{path}: {at}"
        yield record
        at += 16 + size
    assert at == len(data), f"{path}: cut short"


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(message):
    """(number, value) of a protocol-buffer message; doubles and floats as numbers."""
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        wire = tag & 7
        if wire == 0:
            value, at = varint(message, at)
        elif wire == 1:
            value, at = struct.unpack_from("<d", message, at)[0], at + 8
        elif wire == 5:
            value, at = struct.unpack_from("<f", message, at)[0], at + 4
        else:
            assert wire == 2, wire
            size, at = varint(message, at)
            value, at = message[at:at + size], at + size
        yield tag >> 3, value


def doubles(packed):
    return list(struct.unpack(f"<{len(packed) // 8}d", packed))


def histogram(message):
    names = {1: "min", 2: "max", 3: "num", 4: "sum", 5: "sum_squares"}
    found = {}
    for number, value in fields(message):
        if number in names:
            found[names[number]] = value
        else:
            found[{6: "bucket_limit", 7: "bucket"}[number]] = doubles(value)
    return found


def events(path):
    """(step, tag, value) of all summaries: a number, or a histogram."""
    for record in records(path):
        entry = dict(fields(record))
        if 5 not in entry:
            continue
        for number, value in fields(entry[5]):
            assert number == 1, number
            parts = dict(fields(value))
            yield (entry.get(2, 0), parts[1].decode(),
                   histogram(parts[5]) if 5 in parts else parts[2])
