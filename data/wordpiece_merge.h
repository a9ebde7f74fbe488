/* Growing a WordPiece vocabulary: the most frequent pair of neighbouring pieces becomes a piece,
 * again and again (Sennrich et al. 2016, arXiv 1508.07909, algorithm 1). */
#ifndef SBMT_DATA_WORDPIECE_MERGE_H
#define SBMT_DATA_WORDPIECE_MERGE_H

#include "data/vocabulary.h"

/** Words as pieces, which become fewer. */
struct sbmt_piece_words {
    int count;
    size_t *begin;      /**< of each word in `piece` */
    int *length;        /**< pieces of each word */
    int32_t *piece;     /**< of all words */
    int64_t *frequency; /**< of each word in the text */
};

/** Merges until the vocabulary has `size` pieces, no pair is left or the most frequent one occurs
 * fewer than `least` times. Of pairs as frequent that with the lower left piece, then the lower
 * right one, is first. What a merge makes that is a piece already, stays that piece. Takes memory
 * in proportion to the words. SBMT_ERROR_MEMORY is the only failure. */
SBMT_MUST_CHECK bool sbmt_wordpiece_merge(struct sbmt_vocabulary *pieces,
                                          struct sbmt_piece_words *words, int size, int64_t least,
                                          struct sbmt_error *err);

#endif
