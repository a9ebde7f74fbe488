/* The section `tokenizer:` of a configuration: which tokenizer reads texts, and how much of them.
 */
#ifndef SBMT_DATA_TOKENIZER_CONFIG_H
#define SBMT_DATA_TOKENIZER_CONFIG_H

#include "core/base/field.h"
#include "data/tokenizer.h"

/** The section. Tasks that read no texts ignore it. */
struct sbmt_tokenizer_config {
    int kind;           /**< enum sbmt_tokenizer_kind */
    const char *folder; /**< with the vocabulary, or BERT's vocabulary itself; NULL: none is set */
    bool lower_case;    /**< BERT: capitals and accents are taken away */
    int max_length;     /**< longest sequence in tokens, special ones included */
};

/** The table of the section. */
extern const struct sbmt_field sbmt_tokenizer_fields[];

/** Opens the tokenizer of a section: vocab.txt of BERT; vocab.json and merges.txt of RoBERTa. More
 * tokens than 65536, which examples in memory cannot tell apart, and a missing `folder` are
 * SBMT_ERROR_CONFIG. On failure it is closed. */
SBMT_MUST_CHECK bool sbmt_tokenizer_open(struct sbmt_tokenizer *tokenizer,
                                         const struct sbmt_tokenizer_config *config,
                                         struct sbmt_error *err);

#endif
