/* Checkpoints: everything that training needs to go on as if it had never stopped, in safetensors.
 */
#ifndef SBMT_CORE_TRAIN_CHECKPOINT_H
#define SBMT_CORE_TRAIN_CHECKPOINT_H

#include <stdint.h>

#include "core/model/params.h"

/** The counters beside the tensors. The data position follows from the step: example p of the run
 * is number p mod count of epoch p / count, with p = step · batch_size at the start of a step. */
struct sbmt_checkpoint {
    int64_t step; /**< optimiser steps done */
    double
        best_metric; /**< the best so far on dev, of what the best weights are chosen by; −1: none
                      */
    int64_t best_step;   /**< where it was; 0: none */
    bool eval_pending;   /**< the evaluation due at `step` is still to be done */
    const char *classes; /**< names of the classes in their order, with ", " between them; NULL:
                            they have none. Borrowed; reading compares them and leaves them alone */
    double seconds; /**< time spent training so far: not part of any promise about bytes, so it is
                         not stored in the file but in the run's metrics */
};

/** Writes weights under their names, and with `optimiser` also "optimizer.m.<name>" and
 *  "optimizer.v.<name>" (F32; F64 in the double build). Metadata, all strings: format ("sbmt
 * checkpoint 1"), step, best_metric, best_step, eval_pending, fingerprint (of the configuration),
 * classes where they have names, and crc32: zlib's, in hex, over the bytes of all tensors in file
 * order followed by "key=value\n" of the other metadata in the order given here. The same state
 * gives the same bytes. Whole or not at all. */
SBMT_MUST_CHECK bool sbmt_checkpoint_write(const char *path, const struct sbmt_params *params,
                                           bool optimiser, const struct sbmt_checkpoint *state,
                                           const char *fingerprint, struct sbmt_error *err);

/** Reads a checkpoint into sealed parameters: every tensor must be there with its shape, no unknown
 * one may be, the CRC must match, and so must the fingerprint unless it is NULL, and the names of
 * classes if state and file have them. Nothing is changed when it fails. `optimiser`: the moments
 * are needed too; without it they may be there and are left alone. state->seconds is not touched.
 */
SBMT_MUST_CHECK bool sbmt_checkpoint_read(const char *path, struct sbmt_params *params,
                                          bool optimiser, struct sbmt_checkpoint *state,
                                          const char *fingerprint, struct sbmt_error *err);

/** Looks whether a file is a checkpoint; any other is left alone. One must have its CRC. Where it
 * names its classes, *classes is set to them, in `arena`, else to NULL. */
SBMT_MUST_CHECK bool sbmt_checkpoint_look(const char *path, const char **classes,
                                          struct sbmt_arena *arena, struct sbmt_error *err);

#endif
