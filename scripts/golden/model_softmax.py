#!/usr/bin/env python3
"""Golden vectors of the two-layer classifier with softmax attention.

Needs Debian's python3-torch. Usage: model_softmax.py [FOLDER]
"""
import common
import model

if __name__ == "__main__":
    common.save("model_softmax", model.run(401))
