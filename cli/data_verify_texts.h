/* What sbmt data verify says of a task of texts. */
#ifndef SBMT_CLI_DATA_VERIFY_TEXTS_H
#define SBMT_CLI_DATA_VERIFY_TEXTS_H

#include "core/base/str.h"
#include "core/io/json.h"
#include "data/texts.h"
#include "data/tokenizer_config.h"

/** How texts are looked at; all borrowed. */
struct sbmt_verify_texts {
    const char *root;
    struct sbmt_text_names files;
    struct sbmt_tokenizer_config tokenizer; /**< without a folder lengths are in words */
};

/** One task into the JSON or, if that is NULL, the text. False where a file is broken, or where
 * there is none; a split without a file is no failure beside others. */
bool sbmt_verify_texts(const struct sbmt_task *task, const struct sbmt_verify_texts *how,
                       struct sbmt_json *json, struct sbmt_str *out);

#endif
