#!/usr/bin/env python3
"""A tiny BERT with random weights and its outputs, which another program computed in float64.

SOURCE has config.json, pytorch_model.bin and expected_outputs_float64.json. Written are the same
model with the first words of its vocabulary alone, in both formats, and what was recorded of it;
with --whole all words, for which there are also the largest logits and the sums over all words.

Needs Debian's python3-torch. Usage: tiny_bert.py SOURCE FOLDER [--whole]
"""
import collections
import json
import os
import sys

import numpy
import torch

import huggingface
import safetensors

WORDS = 7680  # more than the numbers of the words in the examples


DECODER = "cls.predictions.decoder.weight"  # stored as well by torch.save: the table of words


def cut(state, vocabulary):
    """The state with the first words alone; a tensor that was shared stays shared."""
    parts = {}
    for name, tensor in state.items():
        part = tensor[:WORDS].clone() if tensor.shape[0] == vocabulary else tensor
        yield name, parts.setdefault(tensor.data_ptr(), part)


def expected(examples, whole):
    """What was recorded, without the padding."""
    tensors, offsets = {}, [0]
    for example in examples:
        offsets.append(offsets[-1] + sum(example["attention_mask"]))

    def joined(key, dtype):
        return numpy.concatenate([
            numpy.array(example[key], dtype)[numpy.array(example["attention_mask"]) > 0]
            for example in examples])

    for key in ("last_hidden_state", "mlm_logits_first16"):
        tensors[key] = joined(key, numpy.float64)
    tensors["nsp_logits"] = numpy.array([example["nsp_logits"] for example in examples])
    if whole:
        tensors["mlm_logsumexp"] = joined("mlm_logsumexp", numpy.float64)
        tensors["mlm_top5_ids"] = joined("mlm_top5_ids", numpy.int32)
    tensors["offsets"] = numpy.array(offsets, numpy.int64)
    tensors["tokens"] = joined("input_ids", numpy.int32)
    tensors["types"] = joined("token_type_ids", numpy.int32)
    return tensors


def main():
    source, folder, whole = sys.argv[1], sys.argv[2], "--whole" in sys.argv[3:]
    state = torch.load(os.path.join(source, "pytorch_model.bin"), map_location="cpu")
    with open(os.path.join(source, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    with open(os.path.join(source, "expected_outputs_float64.json"), encoding="utf-8") as file:
        examples = json.load(file)
    if not whole:
        state = collections.OrderedDict(cut(state, config["vocab_size"]))
        config["vocab_size"] = WORDS
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as file:
        json.dump(config, file, indent=1)
        file.write("\n")
    huggingface.save_safetensors(os.path.join(folder, "model.safetensors"),
                                 {name: state[name] for name in state if name != DECODER})
    huggingface.save_zip(os.path.join(folder, "pytorch_model.bin"), state)
    safetensors.write(os.path.join(folder, "expected.safetensors"), expected(examples, whole),
                      {"source": "scripts/golden/tiny_bert.py"})


if __name__ == "__main__":
    main()
