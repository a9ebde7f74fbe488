/* UTF-8 by utf8proc. */
#include "data/utf8.h"

#include <utf8proc.h>

int32_t sbmt_utf8_next(const unsigned char *bytes, size_t size, int *length)
{
    utf8proc_int32_t code_point;
    if (bytes[0] < 0x80) {
        *length = 1;
        return bytes[0];
    }
    const size_t longest = 4;
    const utf8proc_ssize_t read = utf8proc_iterate(
        bytes, (utf8proc_ssize_t)(size < longest ? size : longest), &code_point);
    *length = read > 0 ? (int)read : 1;
    return read > 0 ? code_point : -1;
}

int sbmt_utf8_put(int32_t code_point, unsigned char bytes[4])
{
    return (int)utf8proc_encode_char(code_point, bytes);
}
