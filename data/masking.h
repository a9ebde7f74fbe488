/* Words to be guessed: 15 % of them are chosen, and 80 % of these become [MASK], 10 % another word,
 * 10 % stay (Devlin et al. 2019, section 3.1). They are chosen anew in every epoch (Liu et al.
 * 2019, section 4.1), each word by itself. */
#ifndef SBMT_DATA_MASKING_H
#define SBMT_DATA_MASKING_H

#include "data/tokenizer.h"

/** What masks a data set. */
struct sbmt_masking {
    uint64_t seed;
    int vocab;
    int32_t mask;
    int32_t special[SBMT_SPECIAL_COUNT]; /**< ascending: never chosen, nor put in a word's place */
};

/** The masking of a tokenizer's sequences. */
struct sbmt_masking sbmt_masking_make(const struct sbmt_tokenizer *tokenizer, uint64_t seed);

/** Masks a sequence of n tokens in place. What is chosen follows from seed, epoch and the identity
 * of the sequence alone. Of a sequence with any word at least one is chosen. Their places,
 * ascending, go to `place` and what stood there to `label`, n each at most; their number is
 * returned. */
int sbmt_masking_apply(const struct sbmt_masking *masking, uint32_t epoch, uint64_t sequence,
                       int32_t *tokens, int n, int32_t *place, int32_t *label);

#endif
