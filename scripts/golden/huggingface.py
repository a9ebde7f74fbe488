#!/usr/bin/env python3
"""Checkpoints of tiny models as Hugging Face and PyTorch store them, one a format.

All hold the same weights, which float16 and bfloat16 represent exactly, under the names and in the
files of each format; `expected.safetensors` holds them under their canonical names in float32.

Needs Debian's python3-torch. Usage: huggingface.py [FOLDER]
"""
import collections
import io
import json
import os
import struct
import sys

import torch

import common

VOCABULARY, HIDDEN, LAYERS, INTERMEDIATE, POSITIONS = 40, 8, 2, 12, 16

CONFIG = {
    "architectures": ["BertForMaskedLM"],
    "attention_probs_dropout_prob": 0.1,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "hidden_size": HIDDEN,
    "id2label": {"0": "no", "1": "yes"},
    "initializer_range": 0.02,
    "intermediate_size": INTERMEDIATE,
    "label2id": {"no": 0, "yes": 1},
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": POSITIONS,
    "model_type": "bert",
    "num_attention_heads": 2,
    "num_hidden_layers": LAYERS,
    "pad_token_id": 0,
    "type_vocab_size": 2,
    "vocab_size": VOCABULARY,
}


def shapes():
    """Canonical names and shapes of a BERT with its head for masked words."""
    yield "embeddings.word_embeddings.weight", (VOCABULARY, HIDDEN)
    yield "embeddings.position_embeddings.weight", (POSITIONS, HIDDEN)
    yield "embeddings.token_type_embeddings.weight", (2, HIDDEN)
    yield from norm("embeddings.LayerNorm")
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}."
        for name in ("query", "key", "value"):
            yield from linear(f"{prefix}attention.self.{name}", HIDDEN, HIDDEN)
        yield from linear(f"{prefix}attention.output.dense", HIDDEN, HIDDEN)
        yield from norm(f"{prefix}attention.output.LayerNorm")
        yield from linear(f"{prefix}intermediate.dense", INTERMEDIATE, HIDDEN)
        yield from linear(f"{prefix}output.dense", HIDDEN, INTERMEDIATE)
        yield from norm(f"{prefix}output.LayerNorm")
    yield from linear("pooler.dense", HIDDEN, HIDDEN)
    yield "cls.predictions.bias", (VOCABULARY,)
    yield from linear("cls.predictions.transform.dense", HIDDEN, HIDDEN)
    yield from norm("cls.predictions.transform.LayerNorm")


def linear(name, rows, columns):
    yield f"{name}.weight", (rows, columns)
    yield f"{name}.bias", (rows,)


def norm(name):
    yield f"{name}.weight", (HIDDEN,)
    yield f"{name}.bias", (HIDDEN,)


def weights():
    """Multiples of 1/64 between -1 and 1: seven bits of fraction are enough for them."""
    random = common.generator(701)
    return collections.OrderedDict(
        (name, torch.randint(-64, 65, shape, generator=random).to(torch.float32) / 64)
        for name, shape in shapes())


def prefixed(tensors, prefix="bert."):
    return collections.OrderedDict(
        (name if name.startswith("cls.") else prefix + name, tensor)
        for name, tensor in tensors.items())


def old_names(tensors):
    def old(name):
        return name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta")

    return collections.OrderedDict((old(name), tensor) for name, tensor in tensors.items())


def roberta_names(tensors):
    def roberta(name):
        for own, other in (("cls.predictions.transform.dense", "lm_head.dense"),
                           ("cls.predictions.transform.LayerNorm", "lm_head.layer_norm"),
                           ("cls.predictions", "lm_head")):
            if name.startswith(own):
                return other + name[len(own):]
        return "roberta." + name

    return collections.OrderedDict((roberta(name), tensor) for name, tensor in tensors.items())


DTYPES = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16",
          torch.bfloat16: "BF16", torch.int64: "I64"}


def save_safetensors(path, tensors):
    """As transformers writes it: names in alphabetical order, metadata format pt."""
    header, parts, position = {"__metadata__": {"format": "pt"}}, [], 0
    for name in sorted(tensors):
        tensor = tensors[name].detach().contiguous()
        # numpy has no bfloat16; its bits are those of an int16.
        raw = tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor
        parts.append(raw.numpy().tobytes())
        header[name] = {"dtype": DTYPES[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [position, position + len(parts[-1])]}
        position += len(parts[-1])
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


def shard(folder, tensors, stem, suffix, save):
    """Two files and their index. The second holds the tensors of odd places."""
    files = [f"{stem}-0000{i + 1}-of-00002{suffix}" for i in range(2)]
    parts = [collections.OrderedDict(list(tensors.items())[i::2]) for i in range(2)]
    for name, part in zip(files, parts):
        save(os.path.join(folder, name), part)
    total = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    index = {"metadata": {"total_size": total},
             "weight_map": {key: files[i] for i in range(2) for key in parts[i]}}
    with open(os.path.join(folder, f"{stem}{suffix}.index.json"), "w", encoding="utf-8") as file:
        json.dump(index, file, indent=2, sort_keys=True)
        file.write("\n")


def save_zip(path, tensors):
    torch.save(tensors, path)


def pickled(text):
    return b"X" + struct.pack("<I", len(text)) + text.encode()


def save_legacy(path, tensors):
    """In this format a storage is named by its address, and they lie in the order of the names.
    For the same bytes in every run they are numbered instead, in the order of the tensors."""
    keys = [str(tensor.storage()._cdata) for tensor in tensors.values()]
    parts = [struct.pack("<q", tensor.numel()) + bytes(tensor.storage().untyped())
             for tensor in tensors.values()]
    buffer = io.BytesIO()
    torch.save(tensors, buffer, _use_new_zipfile_serialization=False)
    pickles = buffer.getvalue()[: -sum(map(len, parts))]
    begin_of_list = pickles.rindex(b"\x80\x02]")
    state, names = pickles[:begin_of_list], pickles[begin_of_list:]
    for number, (key, place) in enumerate(zip(keys, sorted(keys))):
        state = state.replace(pickled(key), pickled(str(number)))
        names = names.replace(pickled(place), pickled(str(number)))
    with open(path, "wb") as file:
        file.write(state + names + b"".join(parts))


def as_module(tensors):
    """What state_dict() returns: an OrderedDict with the attribute _metadata, over parameters."""
    state = collections.OrderedDict(
        (name, torch.nn.Parameter(tensor)) for name, tensor in tensors.items())
    state._metadata = collections.OrderedDict({"": {"version": 1}})
    state["embeddings.position_ids"] = torch.arange(POSITIONS).expand((1, -1))
    return state


def views(tensors):
    """The same values as views: transposed, parts of one storage, with steps."""
    state = collections.OrderedDict()
    for name, tensor in tensors.items():
        if tensor.dim() == 2:
            state[name] = tensor.t().contiguous().t()
        else:
            state[name] = tensor.repeat_interleave(3)[::3]
    first, second = "embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias"
    both = torch.cat([state[first], state[second]])
    state[first], state[second] = both[:HIDDEN], both[HIDDEN:]
    return state


def folder(name, config=None):
    path = os.path.join(sys.argv[1] if len(sys.argv) > 1 else ".", "huggingface", name)
    os.makedirs(path, exist_ok=True)
    if config is not None:
        with open(os.path.join(path, "config.json"), "w", encoding="utf-8") as file:
            json.dump(config, file, indent=2)
            file.write("\n")
    return path


def cast(tensors, dtype):
    return collections.OrderedDict((name, t.to(dtype)) for name, t in tensors.items())


def main():
    tensors = weights()
    save_safetensors(os.path.join(folder(""), "expected.safetensors"), tensors)
    for name, dtype in (("f16", torch.float16), ("bf16", torch.bfloat16)):
        save_safetensors(os.path.join(folder(name), "model.safetensors"), cast(tensors, dtype))
    save_safetensors(os.path.join(folder("prefixed", CONFIG), "model.safetensors"),
                     prefixed(tensors))
    save_safetensors(
        os.path.join(folder("roberta", {**CONFIG, "architectures": ["RobertaForMaskedLM"],
                                        "model_type": "roberta", "pad_token_id": 1,
                                        "type_vocab_size": 2}), "model.safetensors"),
        roberta_names(tensors))
    shard(folder("sharded"), tensors, "model", ".safetensors", save_safetensors)
    shard(folder("sharded_bin"), old_names(prefixed(tensors)), "pytorch_model", ".bin", save_zip)
    save_zip(os.path.join(folder("zip"), "pytorch_model.bin"), as_module(tensors))
    save_zip(os.path.join(folder("zip_bf16"), "pytorch_model.bin"),
             cast(prefixed(tensors), torch.bfloat16))
    save_legacy(os.path.join(folder("legacy"), "pytorch_model.bin"),
                old_names(prefixed(tensors)))
    save_legacy(os.path.join(folder("legacy_f16"), "pytorch_model.bin"),
                cast(tensors, torch.float16))
    save_zip(os.path.join(folder("views"), "pytorch_model.bin"), views(tensors))
    torch.save(cast(tensors, torch.float64), os.path.join(folder("protocol4"), "weights.pt"),
               pickle_protocol=4)
    small = collections.OrderedDict(
        a=torch.arange(6.0).reshape(2, 3).t(), b=torch.arange(3).to(torch.float16))
    save_zip(os.path.join(folder("small"), "zip.pt"), small)
    save_legacy(os.path.join(folder("small"), "legacy.pt"), small)


if __name__ == "__main__":
    main()
