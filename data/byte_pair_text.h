/* GPT-2's splitting of text into words, and its alphabet for bytes (Radford et al. 2019;
 * openai/gpt-2, encoder.py), which RoBERTa (Liu et al. 2019, arXiv 1907.11692) shares. */
#ifndef SBMT_DATA_BYTE_PAIR_TEXT_H
#define SBMT_DATA_BYTE_PAIR_TEXT_H

#include <stddef.h>
#include <stdint.h>

/** The bytes of the first word of a text that is not empty. All bytes of a text are in its words,
 * which are the matches of
 *     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 * A byte that is no UTF-8 is as a symbol. */
size_t sbmt_byte_pair_word(const char *text, size_t length);

/** The character that stands for a byte in vocabularies and merges: the byte itself where it is
 * printable and no blank in Latin-1, else the next of U+0100, U+0101, … in the order of bytes. */
int32_t sbmt_byte_pair_character(unsigned char byte);

/** The byte that a character stands for; −1: none. */
int sbmt_byte_pair_byte(int32_t character);

#endif
