/* Unicode as tokenizers need it: classes of characters, decomposition, lower case. */
#ifndef SBMT_DATA_UNICODE_H
#define SBMT_DATA_UNICODE_H

#include <stdint.h>

/** Room for a decomposition; the longest has 4 characters. */
enum { SBMT_UNICODE_DECOMPOSED = 8 };

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

/** The class of a character; what is none, as −1, is SBMT_UNICODE_OTHER. */
enum sbmt_unicode_class sbmt_unicode_class(int32_t character);

/** The whole canonical decomposition of one character (NFD but for the order of marks); returns the
 * number of characters, at least 1. */
int sbmt_unicode_decompose(int32_t character, int32_t out[SBMT_UNICODE_DECOMPOSED]);

/** Lower case without regard to neighbours (a final sigma is as any other); returns the number of
 * characters: 1, or 2 for U+0130. */
int sbmt_unicode_lower(int32_t character, int32_t out[2]);

#endif
