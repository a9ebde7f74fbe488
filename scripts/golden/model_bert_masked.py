#!/usr/bin/env python3
"""Golden vectors of a two-layer BERT that guesses words, with the approximate GELU.

Needs Debian's python3-torch. Usage: model_bert_masked.py [FOLDER]
"""
import bert
import common

if __name__ == "__main__":
    common.save("model_bert_masked", bert.run(802, bert.Protocol(
        target="masked", activation="gelu-tanh")))
