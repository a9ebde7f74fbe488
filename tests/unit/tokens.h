/* What the tests of tokenizers share: files and lists of tokens. */
#ifndef SBMT_TESTS_UNIT_TOKENS_H
#define SBMT_TESTS_UNIT_TOKENS_H

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "data/lines.h"
#include "data/token_list.h"
#include "data/vocabulary.h"
#include "tests/suite.h"
#include "tests/temporary.h"

enum { TOKENS_BERT = 30522 };

/** Writes BERT's whole vocabulary: the tokens that the sample has, and in all other places some
 * that no word begins with. */
static inline void tokens_write_bert(const char *path)
{
    struct sbmt_lines lines;
    struct sbmt_error err = {0};
    struct sbmt_str text = {0};
    int32_t next = 0;
    ck_assert(sbmt_lines_open(&lines, UNIT_DATA "/bert/vocabulary.tsv", &err));
    while (sbmt_lines_next(&lines, &err) && lines.text != NULL) {
        char *token;
        const long id = strtol(lines.text, &token, 10);
        for (; next < id; next++)
            sbmt_str_printf(&text, "[place %" PRId32 "]\n", next);
        sbmt_str_printf(&text, "%s\n", token + 1);
        next++;
    }
    for (; next < TOKENS_BERT; next++)
        sbmt_str_printf(&text, "[place %" PRId32 "]\n", next);
    ck_assert_int_eq(err.kind, SBMT_ERROR_NONE);
    temporary_put(path, text.text, text.length);
    sbmt_lines_close(&lines);
    sbmt_str_finish(&text);
}

/** The tokens of a list with blanks between them; the caller frees. */
static inline char *tokens_text(const struct sbmt_vocabulary *vocabulary,
                                const struct sbmt_token_list *list)
{
    struct sbmt_str text = {0};
    sbmt_str_append(&text, "", 0);
    for (size_t i = 0; i < list->count; i++) {
        size_t length;
        const char *token = sbmt_vocabulary_token(vocabulary, list->id[i], &length);
        ck_assert_uint_eq(strlen(token), length);
        sbmt_str_printf(&text, "%s%s", i > 0 ? " " : "", token);
    }
    ck_assert(!text.failed);
    return text.text;
}

/** A function that reads a vocabulary, for tests of what it refuses. */
typedef bool tokens_read(struct sbmt_vocabulary *vocabulary, const char *path,
                         struct sbmt_error *err);

/** Reads a file that holds `text`, expects it to fail, and compares the message behind the path. */
static inline void tokens_refused(tokens_read *read, const char *text, size_t size,
                                  const char *message)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "vocab");
    temporary_put(path, text, size);
    struct sbmt_vocabulary vocabulary;
    struct sbmt_error err = {0};
    char wanted[1100];
    ck_assert_msg(!read(&vocabulary, path, &err), "read: %s", text);
    snprintf(wanted, sizeof wanted, "%s%s", path, message);
    ck_assert_str_eq(err.message, wanted);
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    ck_assert_int_eq(vocabulary.count, 0);
    ck_assert_ptr_null(vocabulary.begin);
    temporary_remove(&temporary);
}

#endif
