/* BERT's clean-up and splitting of text into words (Devlin et al. 2019, arXiv 1810.04805;
 * google-research/bert, tokenization.py, BasicTokenizer), which WordPiece then cuts into pieces. */
#ifndef SBMT_DATA_BERT_TEXT_H
#define SBMT_DATA_BERT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/** A word, clean and split off. */
struct sbmt_bert_word {
    size_t begin, length; /**< bytes, in the text of the list */
    int characters;
};

/** The words of a text. All zero is a valid empty list; its memory serves one text after another.
 * Memory failure is sticky. */
struct sbmt_bert_words {
    char *text;
    size_t used, text_capacity;
    struct sbmt_bert_word *word;
    size_t count, capacity;
    bool failed;
};

/** How a vocabulary's text was cleaned. */
struct sbmt_bert_text {
    bool lower_case;
    bool strip_accents; /**< decompose and drop nonspacing marks; goes with lower_case in BERT */
};

/** Frees the list. Accepts a zeroed one. */
void sbmt_bert_words_finish(struct sbmt_bert_words *words);

/** Splits a text, in place of what the list held. In this order: control, format and private-use
 * characters, U+FFFD and bytes that are no UTF-8 vanish (tab, CR and LF are spaces); every Chinese
 * character is a word; accents, then capitals go, if asked; spaces part words; every punctuation
 * mark (P*, or an ASCII character that is neither letter, digit nor blank) is a word.
 *
 * Where implementations of BERT differ, this one does as the "fast" tokenizers: unassigned code
 * points stay, and capitals become small one by one, so that a final sigma is as any other. Marks
 * that stay keep their order. Unicode is that of utf8proc. */
void sbmt_bert_split(struct sbmt_bert_words *words, struct sbmt_bert_text how, const char *text,
                     size_t length);

#endif
