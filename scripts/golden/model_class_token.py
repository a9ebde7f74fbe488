#!/usr/bin/env python3
"""Golden vectors of the two-layer classifier of pairs by their class tokens a, b, alone and
together: [a, b], where tokens were left out.

Needs Debian's python3-torch. Usage: model_class_token.py [FOLDER]
"""
import common
import model

if __name__ == "__main__":
    common.save("model_class_token", model.run(1001, model.Protocol(
        class_token=True, pooling="cls", pair_features="concat", left_out=True)))
