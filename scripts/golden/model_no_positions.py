#!/usr/bin/env python3
"""Golden vectors of the two-layer classifier that is not told positions.

Needs Debian's python3-torch. Usage: model_no_positions.py [FOLDER]
"""
import common
import model

if __name__ == "__main__":
    common.save("model_no_positions", model.run(1102, model.Protocol(
        position_embedding="none")))
