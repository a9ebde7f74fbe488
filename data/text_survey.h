/* What the files of a task of texts hold, whatever a model makes of them. */
#ifndef SBMT_DATA_TEXT_SURVEY_H
#define SBMT_DATA_TEXT_SURVEY_H

#include "data/column.h"
#include "data/texts.h"
#include "data/tokenizer.h"

/** Figures of one split. Lengths are those of examples: tokens with the special ones, or words,
 * which blanks part. All zero is a valid empty one. */
struct sbmt_text_survey {
    struct sbmt_text_file file;
    int64_t shortest, longest;
    double median, mean;
    int64_t cut;                  /**< examples of more than `most` tokens */
    int64_t empty;                /**< examples with a text that holds nothing */
    int64_t repeated;             /**< examples whose texts occurred before in the split */
    int64_t contradicted;         /**< those of them that have another label or score than before */
    double score_mean;            /**< of SBMT_TARGET_SCORE */
    struct sbmt_column histogram; /**< int64_t of each class */
    struct sbmt_column digests;   /**< uint64_t of each example, for sbmt_repeats_shared */
};

/** Reads a split. `tokenizer` NULL: lengths in words. To be finished even on failure. */
SBMT_MUST_CHECK bool sbmt_text_survey_take(struct sbmt_text_survey *survey,
                                           const struct sbmt_task *task,
                                           const struct sbmt_text_query *query,
                                           struct sbmt_tokenizer *tokenizer, int most,
                                           struct sbmt_error *err);

/** Accepts a zeroed one. */
void sbmt_text_survey_finish(struct sbmt_text_survey *survey);

#endif
