#!/usr/bin/env python3
"""Golden vectors of a two-layer RoBERTa that gives scores.

Needs Debian's python3-torch. Usage: model_roberta_score.py [FOLDER]
"""
import bert
import common

if __name__ == "__main__":
    common.save("model_roberta_score", bert.run(804, bert.Protocol(
        family="roberta", target="score", types=1, first_position=2)))
