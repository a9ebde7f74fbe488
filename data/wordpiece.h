/* WordPiece: a word is cut from the left into the longest pieces that the vocabulary has (Devlin et
 * al. 2019, arXiv 1810.04805; google-research/bert, tokenization.py, WordpieceTokenizer). */
#ifndef SBMT_DATA_WORDPIECE_H
#define SBMT_DATA_WORDPIECE_H

#include "data/token_list.h"
#include "data/vocabulary.h"

enum { SBMT_WORDPIECE_LONGEST = 100 /**< characters of a word; a longer one is unknown */ };

/** What marks a piece that goes on with a word. */
#define SBMT_WORDPIECE_CONTINUATION "##"

/** Cuts words into pieces. */
struct sbmt_wordpiece {
    const struct sbmt_vocabulary *vocabulary; /**< borrowed */
    int32_t unknown;
    uint32_t continued; /**< node of the trie below which pieces that go on are; 0: none */
};

/** A cutter for a vocabulary; `unknown` stands for a word that cannot be cut. */
struct sbmt_wordpiece sbmt_wordpiece_make(const struct sbmt_vocabulary *vocabulary,
                                          int32_t unknown);

/** Adds the pieces of a word of `characters` characters, or `unknown` alone. */
void sbmt_wordpiece_cut(const struct sbmt_wordpiece *wordpiece, const char *word, size_t length,
                        int characters, struct sbmt_token_list *out);

#endif
