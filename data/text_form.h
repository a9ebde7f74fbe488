/* Text as tokens: bytes, or the characters of a vocabulary that is counted first. */
#ifndef SBMT_DATA_TEXT_FORM_H
#define SBMT_DATA_TEXT_FORM_H

#include "core/base/str.h"
#include "data/builder.h"

/** How a form reads text (sbmt_form.reading). */
struct sbmt_text_reading {
    bool characters;  /**< else bytes: token b + 1 for byte b, 0 is padding */
    int source_bytes; /**< of a text, those after the first so many are not there; 0: all are */
    int least_count;  /**< characters that occur less often are unknown */
};

/** Tokens that stand for no character. */
enum {
    SBMT_TEXT_PADDING,
    SBMT_TEXT_UNKNOWN,
    SBMT_TEXT_END,
    SBMT_TEXT_FIRST,       /**< the first character */
    SBMT_TEXT_BYTES = 257, /**< size of the vocabulary of bytes */
};

/** A vocabulary of characters being counted, then used. All zero is a valid closed one. */
struct sbmt_characters {
    int64_t *count;        /**< of every code point, owned */
    uint16_t *id;          /**< of every code point, owned */
    int vocab;             /**< tokens, those that stand for no character included */
    struct sbmt_str words; /**< the characters in the order of their ids; U+2400 for NUL */
};

SBMT_MUST_CHECK bool sbmt_characters_open(struct sbmt_characters *characters,
                                          struct sbmt_error *err);

/** Counts the characters of a text; bytes that are no UTF-8 as U+FFFD. */
void sbmt_characters_count(struct sbmt_characters *characters,
                           const struct sbmt_text_reading *reading, const unsigned char *text,
                           size_t size);

/** Numbers the characters that occur often enough by code point, from SBMT_TEXT_FIRST on. More than
 * token ids can tell apart are SBMT_ERROR_DATA; the message has no place yet. */
SBMT_MUST_CHECK bool sbmt_characters_number(struct sbmt_characters *characters,
                                            const struct sbmt_text_reading *reading,
                                            struct sbmt_error *err);

/** Accepts a zeroed one. */
void sbmt_characters_close(struct sbmt_characters *characters);

/** Gives a builder the vocabulary of a form that reads characters; of any other, does nothing. */
void sbmt_text_vocabulary(struct sbmt_builder *builder, const struct sbmt_characters *characters);

/** Adds a text as one sequence to a builder, whose form has a struct sbmt_text_reading. An empty
 * text is one SBMT_TEXT_PADDING. `characters` may be NULL where bytes are read. */
void sbmt_text_put(struct sbmt_builder *builder, const struct sbmt_characters *characters,
                   const unsigned char *text, size_t size);

/** What tokens stand for, as struct sbmt_form's `write`: bytes, and characters of the prepared
 * `words`. Padding and end are nothing, unknown characters U+FFFD. */
void sbmt_text_write_byte(const char *words, int32_t token, struct sbmt_str *out);
void sbmt_text_write_character(const char *words, int32_t token, struct sbmt_str *out);

#endif
