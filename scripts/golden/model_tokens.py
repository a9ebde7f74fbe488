#!/usr/bin/env python3
"""Golden vectors of the two-layer model with softmax attention and a label for every token.

Needs Debian's python3-torch. Usage: model_tokens.py [FOLDER]
"""
import common
import model

if __name__ == "__main__":
    common.save("model_tokens", model.run(501, model.Protocol(label_tokens=True)))
