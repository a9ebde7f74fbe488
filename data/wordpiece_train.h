/* A new WordPiece vocabulary from text. */
#ifndef SBMT_DATA_WORDPIECE_TRAIN_H
#define SBMT_DATA_WORDPIECE_TRAIN_H

#include "core/base/error.h"
#include "core/base/field.h"
#include "core/base/log.h"

/** What to learn; filled by sbmt_fields_defaults and the command line. */
struct sbmt_wordpiece_options {
    const char *vocab;   /**< file to write. Required */
    int size;            /**< most tokens, special ones and the alphabet included */
    int min_count;       /**< a pair that is merged occurs at least this often */
    int characters;      /**< of the alphabet: the most frequent ones */
    bool cased, accents; /**< text keeps capitals and accents, or accents alone */
    bool force;          /**< replace a file that exists */
};

/** The rows of struct sbmt_wordpiece_options. */
extern const struct sbmt_field sbmt_wordpiece_fields[];

/** Reads lines of `count` > 0 files (data/lines.h) and writes a vocabulary, a token a line.
 *
 * Lines are split into words as BERT does (data/bert_text.h). The vocabulary begins with [PAD],
 * [UNK], [CLS], [SEP], [MASK]; then come the most frequent `characters` of all words (of equally
 * frequent ones the lower code points) in the order of code points, then those of them that go on
 * with a word, with "##" before them, in the same order. Words of other characters or of more than
 * 100 count for nothing, as they will be unknown. Then pairs of pieces are merged as
 * data/wordpiece_merge.h says: by plain frequency, as Hugging Face's WordPiece trainer does, not by
 * likelihood as the WordPiece of Schuster and Nakajima 2012. The same text gives the same bytes.
 *
 * SBMT_ERROR_USAGE where the file exists and `force` is false, or `size` is too small for the
 * alphabet; SBMT_ERROR_DATA for text without words. */
SBMT_MUST_CHECK bool sbmt_wordpiece_train(const struct sbmt_wordpiece_options *options,
                                          const char *const *paths, int count,
                                          const struct sbmt_log *log, struct sbmt_error *err);

#endif
