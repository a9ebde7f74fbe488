#!/usr/bin/env python3
"""Golden vectors of the two-layer classifier for sequences from which tokens were left out.

Needs Debian's python3-torch. Usage: model_positions.py [FOLDER]
"""
import common
import model

if __name__ == "__main__":
    common.save("model_positions", model.run(801, model.Protocol(left_out=True)))
