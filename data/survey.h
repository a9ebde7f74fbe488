/* What a data set holds: lengths, cuts, padding, black pixels, repeated examples. */
#ifndef SBMT_DATA_SURVEY_H
#define SBMT_DATA_SURVEY_H

#include "data/dataset.h"

/** Figures of one split. Lengths are those of sequences in tokens. */
struct sbmt_survey {
    int64_t examples, sequences, tokens;
    int64_t shortest, longest;
    double median, mean;    /**< of the lengths */
    int64_t cut;            /**< sequences that were longer in the source */
    double real_pairs;      /**< Σ n² over the sequences, as a share of what padding each to
                               max_length would make of it */
    int64_t black_tokens;   /**< tokens 0, which emulate.mask_black leaves out */
    int64_t black_examples; /**< examples that hold some */
    double unmasked_mean;   /**< mean length without them */
    int64_t repeated;       /**< examples whose tokens occurred before in the split */
    int64_t contradicted;   /**< those of them that have another label than before */
};

/** Looks at every example of an open split, which checks the tokens of a prepared file as well.
 * `digests` (examples), if not NULL, receives a digest of each, for sbmt_repeats_shared. */
SBMT_MUST_CHECK bool sbmt_survey_take(struct sbmt_survey *survey,
                                      const struct sbmt_dataset *dataset, uint64_t *digests,
                                      struct sbmt_error *err);

#endif
