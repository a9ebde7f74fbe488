#!/usr/bin/env python3
"""Golden vectors of the two-layer classifier with SBM attention on given masks, form `score`,
with the sampled density regulariser.

Needs Debian's python3-torch. Usage: model_sbm.py [FOLDER]
"""
import common
import model
import sbm

DENSITY_WEIGHT = 0.1

if __name__ == "__main__":
    heads = model.SbmHeads(common.generator(564))
    results = model.run(514, heads=heads, density_weight=DENSITY_WEIGHT)
    results.update(heads.masks)
    common.save("model_sbm", results, density_weight=DENSITY_WEIGHT, ste="score",
                density_gradient="sampled", exploration=sbm.EXPLORATION)
