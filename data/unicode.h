/* Unicode as tokenizers need it: UTF-8, classes of characters, decomposition, lower case. */
#ifndef SBMT_DATA_UNICODE_H
#define SBMT_DATA_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SBMT_UNICODE_REPLACEMENT = 0xFFFD, /**< stands for bytes that are no UTF-8 */
    SBMT_UNICODE_BYTES = 4,            /**< most bytes of a character */
    SBMT_UNICODE_DECOMPOSED = 8, /**< room for a decomposition; the longest has 4 characters */
};

/** What tokenizers tell apart. */
enum sbmt_unicode_class {
    SBMT_UNICODE_OTHER,       /**< symbols and all marks but nonspacing ones, unassigned */
    SBMT_UNICODE_LETTER,      /**< L* */
    SBMT_UNICODE_NUMBER,      /**< N* */
    SBMT_UNICODE_PUNCTUATION, /**< P* */
    SBMT_UNICODE_MARK,        /**< Mn, nonspacing marks: accents once decomposed */
    SBMT_UNICODE_SPACE,       /**< the property White_Space */
    SBMT_UNICODE_CONTROL,     /**< Cc, Cf, Co and Cs, but for those that are spaces */
};

/** Reads the character at `text`, of which `length` > 0 bytes are left, and returns its bytes. What
 * is no UTF-8 is one byte of SBMT_UNICODE_REPLACEMENT. */
size_t sbmt_unicode_decode(const char *text, size_t length, int32_t *character);

/** Writes a character and returns its bytes. */
size_t sbmt_unicode_encode(int32_t character, char bytes[SBMT_UNICODE_BYTES]);

/** True if all of the text is UTF-8. */
bool sbmt_unicode_valid(const char *text, size_t length);

enum sbmt_unicode_class sbmt_unicode_class(int32_t character);

/** The whole canonical decomposition of one character (NFD but for the order of marks); returns the
 * number of characters, at least 1. */
int sbmt_unicode_decompose(int32_t character, int32_t out[SBMT_UNICODE_DECOMPOSED]);

/** Lower case without regard to neighbours (a final sigma is as any other); returns the number of
 * characters: 1, or 2 for U+0130. */
int sbmt_unicode_lower(int32_t character, int32_t out[2]);

#endif
