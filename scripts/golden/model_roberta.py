#!/usr/bin/env python3
"""Golden vectors of a two-layer RoBERTa that classifies, with ReLU.

Needs Debian's python3-torch. Usage: model_roberta.py [FOLDER]
"""
import bert
import common

if __name__ == "__main__":
    common.save("model_roberta", bert.run(803, bert.Protocol(
        family="roberta", types=1, first_position=2, activation="relu")))
