/* Texts as examples: tokenised into memory when a data set is opened. */
#ifndef SBMT_DATA_TEXT_EXAMPLES_H
#define SBMT_DATA_TEXT_EXAMPLES_H

#include "data/dataset.h"

/** Opens a data set whose task, form and split are set, of a task of texts: vocabulary, longest
 * sequence, examples and digest. A text, or a pair, is one sequence as data/pair_encoding.h writes
 * it; documents are packed into sequences (data/document_examples.h). What was found in the file is
 * said in the log. On failure the data set is to be closed. */
SBMT_MUST_CHECK bool sbmt_text_examples_open(struct sbmt_dataset *dataset,
                                             const struct sbmt_data_options *options,
                                             struct sbmt_error *err);

/** Ends a sequence of `count` tokens, of which `whole` there would have been. Failures of memory
 * are told by false. */
bool sbmt_text_examples_add(struct sbmt_text_examples *texts, const int32_t *tokens, size_t count,
                            size_t whole);

/** Accepts a zeroed one. */
void sbmt_text_examples_finish(struct sbmt_text_examples *texts);

#endif
