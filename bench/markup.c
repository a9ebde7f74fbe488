/* Text in XML. */
#include "bench/markup.h"

void sbmt_markup_text(const char *text, struct sbmt_str *out)
{
    for (; *text != '\0'; text++)
        switch (*text) {
        case '&':
            sbmt_str_printf(out, "&amp;");
            break;
        case '<':
            sbmt_str_printf(out, "&lt;");
            break;
        case '>':
            sbmt_str_printf(out, "&gt;");
            break;
        case '"':
            sbmt_str_printf(out, "&quot;");
            break;
        default:
            sbmt_str_append(out, text, 1);
        }
}
