/* A vocabulary: tokens, numbered from 0, and the way back from a token to its number. */
#ifndef SBMT_DATA_VOCABULARY_H
#define SBMT_DATA_VOCABULARY_H

#include "core/base/error.h"
#include "core/base/str.h"
#include "data/trie.h"

/** All zero is a valid empty one. Memory failure is sticky, in `failed`. */
struct sbmt_vocabulary {
    int count, capacity;
    size_t *begin;        /**< of each token in `text`; each ends with a NUL */
    struct sbmt_str text; /**< all tokens */
    struct sbmt_trie trie;
    bool failed;
};

/** Frees the vocabulary. Accepts a zeroed one. */
void sbmt_vocabulary_finish(struct sbmt_vocabulary *vocabulary);

/** The number of a token; −1 if it is none. */
int32_t sbmt_vocabulary_find(const struct sbmt_vocabulary *vocabulary, const char *token,
                             size_t length);

/** The token of a number, and its bytes; valid until a token is added. */
const char *sbmt_vocabulary_token(const struct sbmt_vocabulary *vocabulary, int32_t id,
                                  size_t *length);

/** Adds a token that is not there yet and returns its number; −1 where memory failed. */
int32_t sbmt_vocabulary_add(struct sbmt_vocabulary *vocabulary, const char *token, size_t length);

/** Reads vocab.txt of a WordPiece tokenizer: a token a line, the first has the number 0. Empty
 * lines, duplicates and what is no UTF-8 are SBMT_ERROR_DATA with path:line. On failure the
 * vocabulary is empty, here and below. */
SBMT_MUST_CHECK bool sbmt_vocabulary_read_lines(struct sbmt_vocabulary *vocabulary,
                                                const char *path, struct sbmt_error *err);

/** Reads vocab.json of a byte-pair tokenizer: one object {"token": number, …}, its numbers 0 …
 * count−1 in any order. */
SBMT_MUST_CHECK bool sbmt_vocabulary_read_json(struct sbmt_vocabulary *vocabulary, const char *path,
                                               struct sbmt_error *err);

/** Finds `count` tokens, NUL-terminated; one that is missing is SBMT_ERROR_DATA. */
SBMT_MUST_CHECK bool sbmt_vocabulary_require(const struct sbmt_vocabulary *vocabulary,
                                             const char *path, const char *const *tokens, int count,
                                             int32_t *ids, struct sbmt_error *err);

#endif
