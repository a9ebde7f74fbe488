/* Vocabularies, and vocab.txt. */
#include "data/vocabulary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/io/utf8.h"
#include "data/lines.h"

enum { FIRST = 1024 };

void sbmt_vocabulary_finish(struct sbmt_vocabulary *vocabulary)
{
    free(vocabulary->begin);
    sbmt_str_finish(&vocabulary->text);
    sbmt_trie_finish(&vocabulary->trie);
    *vocabulary = (struct sbmt_vocabulary){0};
}

int32_t sbmt_vocabulary_find(const struct sbmt_vocabulary *vocabulary, const char *token,
                             size_t length)
{
    return sbmt_trie_find(&vocabulary->trie, token, length);
}

const char *sbmt_vocabulary_token(const struct sbmt_vocabulary *vocabulary, int32_t id,
                                  size_t *length)
{
    const size_t begin = vocabulary->begin[id];
    const size_t end = id + 1 < vocabulary->count ? vocabulary->begin[id + 1]
                                                  : vocabulary->text.length;
    *length = end - begin - 1;
    return vocabulary->text.text + begin;
}

int32_t sbmt_vocabulary_add(struct sbmt_vocabulary *vocabulary, const char *token, size_t length)
{
    if (vocabulary->count == vocabulary->capacity) {
        const int capacity = vocabulary->capacity == 0 ? FIRST : 2 * vocabulary->capacity;
        size_t *begin = realloc(vocabulary->begin, (size_t)capacity * sizeof *begin);
        if (begin == NULL) {
            vocabulary->failed = true;
            return -1;
        }
        vocabulary->begin = begin;
        vocabulary->capacity = capacity;
    }
    const int32_t id = vocabulary->count;
    const size_t begin = vocabulary->text.length;
    sbmt_str_append(&vocabulary->text, token, length);
    sbmt_str_append(&vocabulary->text, "", 1);
    sbmt_trie_insert(&vocabulary->trie, token, length, id);
    vocabulary->failed = vocabulary->failed || vocabulary->text.failed || vocabulary->trie.failed;
    if (vocabulary->failed)
        return -1;
    vocabulary->begin[id] = begin;
    vocabulary->count++;
    return id;
}

static bool add_line(struct sbmt_vocabulary *vocabulary, const struct sbmt_lines *lines,
                     struct sbmt_error *err)
{
    if (lines->length == 0)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s:%" PRId64 ": an empty line; each holds a token",
                         lines->path, lines->number);
    if (strlen(lines->text) != lines->length ||
        sbmt_utf8_first_invalid(lines->text, lines->length) >= 0)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s:%" PRId64 ": the token is not UTF-8 text",
                         lines->path, lines->number);
    const int32_t id = sbmt_vocabulary_find(vocabulary, lines->text, lines->length);
    if (id >= 0)
        return sbmt_fail(err, SBMT_ERROR_DATA,
                         "%s:%" PRId64 ": the token '%.100s' is that of line %" PRId32 " already",
                         lines->path, lines->number, lines->text, id + 1);
    if (sbmt_vocabulary_add(vocabulary, lines->text, lines->length) < 0)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s:%" PRId64 ": no memory for the vocabulary",
                         lines->path, lines->number);
    return true;
}

bool sbmt_vocabulary_read_lines(struct sbmt_vocabulary *vocabulary, const char *path,
                                struct sbmt_error *err)
{
    *vocabulary = (struct sbmt_vocabulary){0};
    struct sbmt_lines lines;
    if (!sbmt_lines_open(&lines, path, err))
        return false;
    bool read;
    while ((read = sbmt_lines_next(&lines, err)) && lines.text != NULL)
        if (!(read = add_line(vocabulary, &lines, err)))
            break;
    if (read && vocabulary->count == 0)
        read = sbmt_fail(err, SBMT_ERROR_DATA, "%s: the file is empty; expected a token a line",
                         path);
    sbmt_lines_close(&lines);
    if (!read)
        sbmt_vocabulary_finish(vocabulary);
    return read;
}

bool sbmt_vocabulary_require(const struct sbmt_vocabulary *vocabulary, const char *path,
                             const char *const *tokens, int count, int32_t *ids,
                             struct sbmt_error *err)
{
    for (int i = 0; i < count; i++) {
        ids[i] = sbmt_vocabulary_find(vocabulary, tokens[i], strlen(tokens[i]));
        if (ids[i] < 0)
            return sbmt_fail(err, SBMT_ERROR_DATA, "%s: the token %s is missing", path, tokens[i]);
    }
    return true;
}
