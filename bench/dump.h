/* The tensors of an examined example as a safetensors file. */
#ifndef SBMT_BENCH_DUMP_H
#define SBMT_BENCH_DUMP_H

#include "bench/inspection.h"

/** Writes all that was captured under names such as "layer.0.head.1.weight", of pairs of sequences
 * with "sequence.0." in front, "tokens" (n, or of each sequence), "label", "prediction", "logits"
 * as an evaluation has them and, where gradients were asked for, "gradient.parameter.<name>".
 * Metadata: task, protocol, attention, split, example, step, config. docs/inspect.md lists the
 * names. */
SBMT_MUST_CHECK bool sbmt_dump_write(const char *path, const struct sbmt_inspection *inspection,
                                     const struct sbmt_examined *examined, struct sbmt_error *err);

#endif
