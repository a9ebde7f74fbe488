#!/usr/bin/env python3
"""Golden vectors of a two-layer BERT that classifies sequences of two texts.

Needs Debian's python3-torch. Usage: model_bert.py [FOLDER]
"""
import bert
import common

if __name__ == "__main__":
    common.save("model_bert", bert.run(801, bert.Protocol()))
