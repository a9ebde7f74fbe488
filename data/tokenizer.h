/* Tokenizers of pretrained models: text to token ids and back. */
#ifndef SBMT_DATA_TOKENIZER_H
#define SBMT_DATA_TOKENIZER_H

#include "data/bert_text.h"
#include "data/byte_pair.h"
#include "data/pair_encoding.h"
#include "data/wordpiece.h"

enum sbmt_tokenizer_kind { SBMT_TOKENIZER_BERT, SBMT_TOKENIZER_ROBERTA };

/** Tokens that stand for no text. In a text they are found as they are written, before anything
 * else is done with it. */
enum sbmt_special {
    SBMT_SPECIAL_BEGIN,     /**< [CLS], <s> */
    SBMT_SPECIAL_SEPARATOR, /**< [SEP], </s> */
    SBMT_SPECIAL_PAD,       /**< [PAD], <pad> */
    SBMT_SPECIAL_UNKNOWN,   /**< [UNK], <unk> */
    SBMT_SPECIAL_MASK,      /**< [MASK], <mask>; the latter takes the spaces before it along */
    SBMT_SPECIAL_COUNT,
};

/** How a special token is written. */
const char *sbmt_special_text(enum sbmt_tokenizer_kind kind, enum sbmt_special special);

/** An open tokenizer: a vocabulary and the memory that it works in, so that each thread needs one.
 * Must not move. All zero is a valid closed one. */
struct sbmt_tokenizer {
    enum sbmt_tokenizer_kind kind;
    struct sbmt_vocabulary vocabulary;
    int32_t special[SBMT_SPECIAL_COUNT];
    struct sbmt_pair_format format;
    struct sbmt_bert_text text; /**< BERT: how text is cleaned; may be changed */
    struct sbmt_bert_words words;
    struct sbmt_wordpiece wordpiece;
    struct sbmt_byte_pair pairs;
};

/** Opens BERT's tokenizer with a vocabulary of a token a line. On failure it is closed, here and
 * below. */
SBMT_MUST_CHECK bool sbmt_tokenizer_open_bert(struct sbmt_tokenizer *tokenizer, const char *path,
                                              struct sbmt_bert_text text, struct sbmt_error *err);

/** Opens RoBERTa's tokenizer: vocab.json and merges.txt. */
SBMT_MUST_CHECK bool sbmt_tokenizer_open_roberta(struct sbmt_tokenizer *tokenizer,
                                                 const char *vocabulary, const char *merges,
                                                 struct sbmt_error *err);

/** Closes. Accepts a zeroed struct. */
void sbmt_tokenizer_close(struct sbmt_tokenizer *tokenizer);

/** Adds the tokens of a text, without anything around them. */
void sbmt_tokenizer_encode(struct sbmt_tokenizer *tokenizer, const char *text, size_t length,
                           struct sbmt_token_list *out);

/** Appends the text of tokens. With RoBERTa's it is the very text that was encoded, unless that
 * held special tokens; with BERT's, words with blanks between them. */
void sbmt_tokenizer_decode(const struct sbmt_tokenizer *tokenizer, const int32_t *tokens,
                           size_t count, struct sbmt_str *out);

#endif
