/* Documents as examples: sequences full of their tokens, one document after the other. */
#ifndef SBMT_DATA_DOCUMENT_EXAMPLES_H
#define SBMT_DATA_DOCUMENT_EXAMPLES_H

#include "data/dataset.h"

/** One of so many documents is of dev, and another one of test. */
enum { SBMT_DOCUMENT_SHARE = 200 };

/** The split that a document belongs to, which follows from its bytes alone: whatever else there
 * is, and twice the same, it is in one split. */
SBMT_MUST_CHECK bool sbmt_document_split(const char *text, size_t size, enum sbmt_split *split,
                                         struct sbmt_error *err);

/** Reads the documents of a split into dataset->texts: the tokens of one document after the other,
 * with a separator between documents, cut into sequences of max_length tokens that begin and end as
 * any other (FULL-SENTENCES without next sentence prediction of Liu et al. 2019, section 4.2, but
 * for its whole sentences: here a sequence may end within one). The rest at the end is a shorter
 * sequence. `file->rows` counts documents. */
SBMT_MUST_CHECK bool sbmt_document_examples_read(struct sbmt_dataset *dataset,
                                                 struct sbmt_tokenizer *tokenizer,
                                                 const struct sbmt_text_query *query,
                                                 struct sbmt_text_file *file,
                                                 struct sbmt_error *err);

/** Counts the words that are masked in epoch 0 into dataset->masked, once its examples are there.
 */
SBMT_MUST_CHECK bool sbmt_document_examples_count(struct sbmt_dataset *dataset,
                                                  struct sbmt_error *err);

#endif
