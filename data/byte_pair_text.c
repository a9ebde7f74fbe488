/* Words for byte pairs, and characters for bytes. */
#include "data/byte_pair_text.h"

#include <stdbool.h>
#include <string.h>

#include "core/io/utf8.h"
#include "data/unicode.h"

/* What the pattern tells apart. */
enum kind { SPACE, LETTER, NUMBER, SYMBOL };

static enum kind kind_of(int32_t c)
{
    switch (sbmt_unicode_class(c)) {
    case SBMT_UNICODE_SPACE:
        return SPACE;
    case SBMT_UNICODE_LETTER:
        return LETTER;
    case SBMT_UNICODE_NUMBER:
        return NUMBER;
    default:
        return SYMBOL;
    }
}

/* The kind of the character at the front of a text, and its bytes. */
static enum kind look(const char *text, size_t length, int *bytes)
{
    const unsigned char byte = (unsigned char)text[0];
    *bytes = 1;
    if (byte < 0x80) {
        if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z')
            return LETTER;
        if (byte >= '0' && byte <= '9')
            return NUMBER;
        return byte == ' ' || (byte >= '\t' && byte <= '\r') ? SPACE : SYMBOL;
    }
    return kind_of(sbmt_utf8_next(text, length, bytes));
}

/* The bytes of a contraction at the front of a text; 0: there is none. */
static size_t find_contraction(const char *text, size_t length)
{
    static const char *const endings[] = {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        const size_t size = strlen(endings[i]);
        if (length >= size && memcmp(text, endings[i], size) == 0)
            return size;
    }
    return 0;
}

/* The bytes of the characters of one kind from `begin` on; *last is where the last of them begins.
 */
static size_t find_run(const char *text, size_t length, size_t begin, enum kind kind, size_t *last)
{
    size_t end = begin;
    int bytes;
    while (end < length && look(text + end, length - end, &bytes) == kind) {
        *last = end;
        end += (size_t)bytes;
    }
    return end;
}

size_t sbmt_byte_pair_word(const char *text, size_t length)
{
    const size_t contraction = text[0] == '\'' ? find_contraction(text, length) : 0;
    if (contraction > 0)
        return contraction;
    size_t last = 0;
    int bytes;
    const enum kind first = look(text, length, &bytes);
    if (first != SPACE)
        return find_run(text, length, 0, first, &last);
    if (text[0] == ' ' && length > 1) {
        const enum kind second = look(text + 1, length - 1, &bytes);
        if (second != SPACE)
            return find_run(text, length, 1, second, &last);
    }
    /* Spaces in front of a word leave it the last of them. */
    const size_t end = find_run(text, length, 0, SPACE, &last);
    return end == length || last == 0 ? end : last;
}

static bool is_printable(int byte)
{
    return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xFF && byte != 0xAD);
}

int32_t sbmt_byte_pair_character(unsigned char byte)
{
    if (is_printable(byte))
        return byte;
    int32_t character = 0x100;
    for (int i = 0; i < byte; i++)
        character += !is_printable(i);
    return character;
}

int sbmt_byte_pair_byte(int32_t character)
{
    if (character < 0x100)
        return is_printable((int)character) ? (int)character : -1;
    int32_t next = 0x100;
    for (int byte = 0; byte < 0x100; byte++)
        if (!is_printable(byte) && next++ == character)
            return byte;
    return -1;
}
