/* One or two token sequences as a model's input: marked, separated, and cut to a length. */
#ifndef SBMT_DATA_PAIR_ENCODING_H
#define SBMT_DATA_PAIR_ENCODING_H

#include "data/token_list.h"

/** What stands around the sequences.
 *
 *     BERT      [CLS] a [SEP]    [CLS] a [SEP] b [SEP]       types 0 … 0, then 1 … 1 from b on
 *     RoBERTa   <s> a </s>       <s> a </s> </s> b </s>      types 0 … 0
 */
struct sbmt_pair_format {
    int32_t begin, separator;
    int separators; /**< between a and b: 1 or 2 */
    bool types;     /**< the second sequence is of another type than the first */
};

/** Tokens that are added to a pair, or to a single sequence. */
int sbmt_pair_added(const struct sbmt_pair_format *format, bool pair);

/** Cuts two lengths to a sum of at most `room` as if one token at a time were taken from the end of
 * the longer, and of the second where both are as long (google-research/bert, run_classifier.py,
 * _truncate_seq_pair; the `longest_first` of Hugging Face's tokenizers in Python). */
void sbmt_pair_truncate(size_t *a, size_t *b, size_t room);

/** Writes the input for `a`, and `b` unless it is NULL, to `tokens` and its types to `types` (which
 * may be NULL), in place of what they held. The whole has at most `most` tokens, which must be no
 * fewer than what is added; a single sequence is cut at its end. */
void sbmt_pair_encode(const struct sbmt_pair_format *format, const struct sbmt_token_list *a,
                      const struct sbmt_token_list *b, size_t most, struct sbmt_token_list *tokens,
                      struct sbmt_token_list *types);

#endif
