#!/usr/bin/env python3
"""Golden vectors of the two-layer classifier with fixed sines and cosines of positions,
classified by its class token, where tokens were left out.

Needs Debian's python3-torch. Usage: model_sinusoidal.py [FOLDER]
"""
import common
import model

if __name__ == "__main__":
    common.save("model_sinusoidal", model.run(1101, model.Protocol(
        class_token=True, pooling="cls", position_embedding="sinusoidal", left_out=True)))
