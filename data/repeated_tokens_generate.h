/* Repeated tokens as files that other programs can read. */
#ifndef SBMT_DATA_REPEATED_TOKENS_GENERATE_H
#define SBMT_DATA_REPEATED_TOKENS_GENERATE_H

#include "core/base/field.h"
#include "data/generation.h"

/** What to write; filled by sbmt_fields_defaults and the command line. */
struct sbmt_repeated_tokens_options {
    const char *out;      /**< files go to <out>/repeated-tokens/. Required */
    int train, val, test; /**< sequences per split; 0 writes a file with a header only */
    int seed;             /**< of a run whose sequences those of train are */
    bool force;           /**< replace files that exist */
};

/** The rows of struct sbmt_repeated_tokens_options. */
extern const struct sbmt_field sbmt_repeated_tokens_fields[];

/** Writes <out>/repeated-tokens/train.tsv, val.tsv and test.tsv: the header `Source<TAB>Target`,
 * then a line a sequence, its integers (1 …) and their labels (1: occurs elsewhere in the
 * sequence), separated by blanks. They are the sequences that a run with this seed meets, in its
 * order, and those that it is evaluated on. `watch` and `log` may be NULL. SBMT_ERROR_USAGE where a
 * file exists and `force` is false. */
SBMT_MUST_CHECK bool
sbmt_repeated_tokens_generate(const struct sbmt_repeated_tokens_options *options,
                              const struct sbmt_generation_watch *watch, const struct sbmt_log *log,
                              struct sbmt_error *err);

#endif
