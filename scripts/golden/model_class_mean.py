#!/usr/bin/env python3
"""Golden vectors of the two-layer classifier with a class token that takes part in the mean.

Needs Debian's python3-torch. Usage: model_class_mean.py [FOLDER]
"""
import common
import model

if __name__ == "__main__":
    common.save("model_class_mean", model.run(901, model.Protocol(class_token=True)))
