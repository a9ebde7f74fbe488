/* Unicode, by utf8proc. */
#include "data/unicode.h"

#include <utf8proc.h>

enum sbmt_unicode_class sbmt_unicode_class(int32_t character)
{
    /* Controls that are spaces: tab, the line ends, vertical tab, form feed, next line. */
    if ((character >= '\t' && character <= '\r') || character == 0x85)
        return SBMT_UNICODE_SPACE;
    switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        return SBMT_UNICODE_LETTER;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return SBMT_UNICODE_NUMBER;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
        return SBMT_UNICODE_PUNCTUATION;
    case UTF8PROC_CATEGORY_MN:
        return SBMT_UNICODE_MARK;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return SBMT_UNICODE_SPACE;
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CS:
        return SBMT_UNICODE_CONTROL;
    default:
        return SBMT_UNICODE_OTHER;
    }
}

int sbmt_unicode_decompose(int32_t character, int32_t out[SBMT_UNICODE_DECOMPOSED])
{
    int boundary = 0;
    const utf8proc_ssize_t count = utf8proc_decompose_char(character, out, SBMT_UNICODE_DECOMPOSED,
                                                           UTF8PROC_DECOMPOSE, &boundary);
    if (count >= 1 && count <= SBMT_UNICODE_DECOMPOSED)
        return (int)count;
    out[0] = character;
    return 1;
}

int sbmt_unicode_lower(int32_t character, int32_t out[2])
{
    /* The one capital whose small letter is two characters (SpecialCasing.txt): i, dot above. */
    if (character == 0x130) {
        out[0] = 'i';
        out[1] = 0x307;
        return 2;
    }
    out[0] = utf8proc_tolower(character);
    return 1;
}
