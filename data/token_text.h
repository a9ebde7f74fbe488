/* Tokens as a reader sees them. */
#ifndef SBMT_DATA_TOKEN_TEXT_H
#define SBMT_DATA_TOKEN_TEXT_H

#include "data/dataset.h"

/** Appends tokens of a data set as printable UTF-8: words with blanks between them, texts as they
 * stand in the source, numbers with blanks. Control characters and what is no UTF-8 become "\x0A".
 */
void sbmt_token_text(const struct sbmt_dataset *dataset, const int32_t *tokens, int count,
                     struct sbmt_str *out);

#endif
