/* Byte-level byte-pair encoding, that of GPT-2 and RoBERTa: a word's bytes are merged, the pair
 * that was learned first before all others (Sennrich et al. 2016, arXiv 1508.07909; Radford et al.
 * 2019).
 */
#ifndef SBMT_DATA_BYTE_PAIR_H
#define SBMT_DATA_BYTE_PAIR_H

#include "data/byte_pair_text.h"
#include "data/heap.h"
#include "data/token_list.h"
#include "data/vocabulary.h"

/** Two neighbours that become one. */
struct sbmt_merge {
    int32_t left, right, merged; /**< tokens; `merged` −1: the slot is empty */
    int32_t rank;                /**< the lowest is merged first */
};

struct sbmt_merge_symbol;

/** Merges, and room for a word. All zero is a valid empty one. */
struct sbmt_byte_pair {
    const struct sbmt_vocabulary *vocabulary; /**< borrowed */
    int32_t byte_token[256];
    struct sbmt_merge *merge; /**< hash table with a power of two of slots */
    uint32_t slots;
    int32_t count; /**< merges */
    struct sbmt_merge_symbol *symbol;
    size_t capacity;             /**< bytes of a word that there is room for */
    struct sbmt_heap candidates; /**< for merging */
};

/** Reads merges.txt: an optional first line "#version…", then "left right" a line, by rank. Both
 * and what they make must be tokens of the vocabulary, which must also have a token for every byte:
 * otherwise SBMT_ERROR_DATA with path:line. On failure nothing stays allocated. */
SBMT_MUST_CHECK bool sbmt_byte_pair_open(struct sbmt_byte_pair *pairs,
                                         const struct sbmt_vocabulary *vocabulary, const char *path,
                                         struct sbmt_error *err);

/** Frees. Accepts a zeroed struct. */
void sbmt_byte_pair_close(struct sbmt_byte_pair *pairs);

/** Adds the tokens of a text: any bytes. Time is n·log n in the bytes of its longest word. */
void sbmt_byte_pair_encode(struct sbmt_byte_pair *pairs, const char *text, size_t length,
                           struct sbmt_token_list *out);

/** Appends the bytes of tokens. Of a text that was encoded these are the text; a character of a
 * token that stands for no byte is appended as it is. */
void sbmt_byte_pair_decode(const struct sbmt_vocabulary *vocabulary, const int32_t *tokens,
                           size_t count, struct sbmt_str *out);

#endif
