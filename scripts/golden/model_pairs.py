#!/usr/bin/env python3
"""Golden vectors of the two-layer classifier of pairs of sequences, of which it reads the published
features a, b, a∘b, a−b.

Needs Debian's python3-torch. Usage: model_pairs.py [FOLDER]
"""
import common
import model

if __name__ == "__main__":
    common.save("model_pairs", model.run(601, model.Protocol(pair_features="nli")))
