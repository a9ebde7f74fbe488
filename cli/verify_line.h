/* Lines of what sbmt data verify prints. */
#ifndef SBMT_CLI_VERIFY_LINE_H
#define SBMT_CLI_VERIFY_LINE_H

#include <stdint.h>

#include "core/base/str.h"

/** Appends one figure under its name, folded where the terminal ends. */
__attribute__((format(printf, 3, 4))) void sbmt_verify_line(struct sbmt_str *out, const char *name,
                                                            const char *format, ...);

/** Appends how many examples are repeated, and how many of those with another label. */
void sbmt_verify_repeated(int64_t repeated, int64_t contradicted, struct sbmt_str *out);

/** Appends a text of any length behind `column` columns that are there already, folded likewise. */
void sbmt_verify_wrap(const char *text, int column, struct sbmt_str *out);

#endif
