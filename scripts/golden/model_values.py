#!/usr/bin/env python3
"""Golden vectors of the two-layer classifier whose tokens are numbers.

Needs Debian's python3-torch. Usage: model_values.py [FOLDER]
"""
import common
import model

if __name__ == "__main__":
    common.save("model_values", model.run(702, model.Protocol(values=(7.25, 4.5))))
