/* Text in XML: of SVG pictures and GraphML files. */
#ifndef SBMT_BENCH_MARKUP_H
#define SBMT_BENCH_MARKUP_H

#include "core/base/str.h"

/** Appends printable UTF-8 with the characters escaped that XML gives a meaning to. */
void sbmt_markup_text(const char *text, struct sbmt_str *out);

#endif
