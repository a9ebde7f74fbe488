/* UTF-8 by utf8proc. */
#include "core/io/utf8.h"

#include <string.h>
#include <utf8proc.h>

int32_t sbmt_utf8_next(const void *bytes, size_t size, int *length)
{
    const utf8proc_uint8_t *text = bytes;
    utf8proc_int32_t code_point;
    if (text[0] < 0x80) {
        *length = 1;
        return text[0];
    }
    const size_t longest = SBMT_UTF8_BYTES;
    const utf8proc_ssize_t read = utf8proc_iterate(
        text, (utf8proc_ssize_t)(size < longest ? size : longest), &code_point);
    *length = read > 0 ? (int)read : 1;
    return read > 0 ? code_point : -1;
}

int sbmt_utf8_put(int32_t code_point, void *bytes)
{
    return (int)utf8proc_encode_char(code_point, bytes);
}

int64_t sbmt_utf8_first_invalid(const void *text, size_t size)
{
    const unsigned char *bytes = text;
    int length;
    for (size_t i = 0; i < size; i += (size_t)length)
        if (sbmt_utf8_next(bytes + i, size - i, &length) < 0)
            return (int64_t)i;
    return -1;
}

size_t sbmt_utf8_mark(const void *text, size_t size)
{
    static const char mark[] = "\xEF\xBB\xBF";
    const size_t length = sizeof mark - 1;
    return size >= length && memcmp(text, mark, length) == 0 ? length : 0;
}
