/* vocab.json: one flat object of numbers. Read here and not as a tree, because a mistake must be
 * found with its line, and duplicates at all. */
#include "data/vocabulary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/io/file.h"
#include "core/io/utf8.h"

enum { MOST_TOKENS = 1 << 24 };

struct reader {
    const char *path, *at, *end;
    int64_t line;
    struct sbmt_str token;           /* the key that was read last */
    struct sbmt_vocabulary by_place; /* tokens in the order of the file */
    int32_t *number;                 /* of each of these */
    int capacity;
};

static bool fail(const struct reader *reader, const char *what, struct sbmt_error *err)
{
    return sbmt_fail(err, SBMT_ERROR_DATA, "%s:%" PRId64 ": %s", reader->path, reader->line, what);
}

static void skip_blanks(struct reader *reader)
{
    for (; reader->at < reader->end && strchr(" \t\r\n", *reader->at) != NULL; reader->at++) {
        if (*reader->at == '\0')
            return;
        reader->line += *reader->at == '\n';
    }
}

/* Takes a mark of JSON and the blanks around it. */
static bool take(struct reader *reader, char mark)
{
    skip_blanks(reader);
    if (reader->at == reader->end || *reader->at != mark)
        return false;
    reader->at++;
    skip_blanks(reader);
    return true;
}

/* Four hexadecimal digits; −1 if there are none. */
static int32_t take_hex(struct reader *reader)
{
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *digit = reader->at < reader->end && *reader->at != '\0'
                                ? strchr(digits, *reader->at)
                                : NULL;
        if (digit == NULL)
            return -1;
        value = value << 4 | (int32_t)((digit - digits) & 15);
        reader->at++;
    }
    return value;
}

/* The character of an escape, whose backslash is taken; −1 if it is none. A character beyond U+FFFF
 * is two escapes, a high and a low surrogate. */
static int32_t take_escape(struct reader *reader)
{
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char name = reader->at < reader->end ? *reader->at++ : '\0';
    const char *known = name != '\0' ? strchr(names, name) : NULL;
    if (known != NULL)
        return meant[known - names];
    const int32_t high = name == 'u' ? take_hex(reader) : -1;
    if (high < 0xD800 || high > 0xDFFF)
        return high;
    if (high > 0xDBFF || reader->end - reader->at < 6 || memcmp(reader->at, "\\u", 2) != 0)
        return -1;
    reader->at += 2;
    const int32_t low = take_hex(reader);
    return low < 0xDC00 || low > 0xDFFF ? -1 : 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

static bool take_string(struct reader *reader, struct sbmt_error *err)
{
    struct sbmt_str *token = &reader->token;
    sbmt_str_clear(token);
    if (reader->at == reader->end || *reader->at++ != '"')
        return fail(reader, "expected a token in double quotes", err);
    while (reader->at < reader->end && *reader->at != '"' && *reader->at != '\n') {
        if (*reader->at != '\\') {
            sbmt_str_append(token, reader->at++, 1);
            continue;
        }
        reader->at++;
        char bytes[SBMT_UTF8_BYTES];
        const int32_t character = take_escape(reader);
        if (character < 0)
            return fail(reader, "an escape that JSON does not have", err);
        sbmt_str_append(token, bytes, (size_t)sbmt_utf8_put(character, bytes));
    }
    if (reader->at == reader->end || *reader->at != '"')
        return fail(reader, "a token without its closing quote", err);
    reader->at++;
    if (token->length == 0)
        return fail(reader, "an empty token", err);
    if (token->text != NULL && (strlen(token->text) != token->length ||
                                sbmt_utf8_first_invalid(token->text, token->length) >= 0))
        return fail(reader, "the token is not UTF-8 text", err);
    return true;
}

static bool take_number(struct reader *reader, int32_t *number, struct sbmt_error *err)
{
    const char *begin = reader->at;
    int64_t value = 0;
    for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; reader->at++)
        if (value < MOST_TOKENS)
            value = value * 10 + (*reader->at - '0');
    if (reader->at == begin || value >= MOST_TOKENS)
        return fail(reader, "expected the number of the token, from 0 to 16777215", err);
    *number = (int32_t)value;
    return true;
}

static bool keep(struct reader *reader, int32_t number, struct sbmt_error *err)
{
    struct sbmt_vocabulary *by_place = &reader->by_place;
    if (sbmt_vocabulary_find(by_place, reader->token.text, reader->token.length) >= 0)
        return sbmt_fail(err, SBMT_ERROR_DATA, "%s:%" PRId64 ": the token '%.100s' is there twice",
                         reader->path, reader->line, reader->token.text);
    if (by_place->count == reader->capacity) {
        const int capacity = reader->capacity == 0 ? 1024 : 2 * reader->capacity;
        int32_t *numbers = realloc(reader->number, (size_t)capacity * sizeof *numbers);
        if (numbers != NULL) {
            reader->number = numbers;
            reader->capacity = capacity;
        }
    }
    if (reader->token.failed || by_place->count == reader->capacity ||
        sbmt_vocabulary_add(by_place, reader->token.text, reader->token.length) < 0)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for the vocabulary", reader->path);
    reader->number[by_place->count - 1] = number;
    return true;
}

static bool read_object(struct reader *reader, struct sbmt_error *err)
{
    if (!take(reader, '{'))
        return fail(reader, "expected an object: {\"token\": number, …}", err);
    do {
        int32_t number = 0;
        if (!take_string(reader, err))
            return false;
        if (!take(reader, ':'))
            return fail(reader, "expected a colon behind the token", err);
        if (!take_number(reader, &number, err) || !keep(reader, number, err))
            return false;
    } while (take(reader, ','));
    if (!take(reader, '}'))
        return fail(reader, "expected a comma or the end of the object", err);
    return reader->at == reader->end || fail(reader, "something behind the object", err);
}

/* The tokens by their numbers, which must be 0 … count−1. */
static bool put_in_order(const struct reader *reader, int32_t *place,
                         struct sbmt_vocabulary *vocabulary, struct sbmt_error *err)
{
    const struct sbmt_vocabulary *by_place = &reader->by_place;
    const int count = by_place->count;
    if (place == NULL)
        return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for the vocabulary", reader->path);
    memset(place, -1, (size_t)count * sizeof *place);
    for (int i = 0; i < count; i++) {
        size_t length;
        const char *token = sbmt_vocabulary_token(by_place, i, &length);
        if (reader->number[i] >= count)
            return sbmt_fail(err, SBMT_ERROR_DATA,
                             "%s: the number %" PRId32 " of '%.100s' is too high for %d tokens; "
                             "they are numbered from 0 without gaps",
                             reader->path, reader->number[i], token, count);
        if (place[reader->number[i]] >= 0)
            return sbmt_fail(err, SBMT_ERROR_DATA, "%s: the number %" PRId32 " is there twice",
                             reader->path, reader->number[i]);
        place[reader->number[i]] = i;
    }
    for (int i = 0; i < count; i++) {
        size_t length;
        const char *token = sbmt_vocabulary_token(by_place, place[i], &length);
        if (sbmt_vocabulary_add(vocabulary, token, length) < 0)
            return sbmt_fail(err, SBMT_ERROR_MEMORY, "%s: no memory for the vocabulary",
                             reader->path);
    }
    return true;
}

bool sbmt_vocabulary_read_json(struct sbmt_vocabulary *vocabulary, const char *path,
                               struct sbmt_error *err)
{
    *vocabulary = (struct sbmt_vocabulary){0};
    struct sbmt_mapping mapping;
    if (!sbmt_mapping_open(&mapping, path, err))
        return false;
    const char *bytes = mapping.size > 0 ? (const char *)mapping.bytes : "";
    struct reader reader = {.path = path, .at = bytes, .end = bytes + mapping.size, .line = 1};
    bool read = read_object(&reader, err);
    if (read) {
        int32_t *place = malloc((size_t)reader.by_place.count * sizeof *place);
        read = put_in_order(&reader, place, vocabulary, err);
        free(place);
    }
    sbmt_str_finish(&reader.token);
    sbmt_vocabulary_finish(&reader.by_place);
    free(reader.number);
    sbmt_mapping_close(&mapping);
    if (!read)
        sbmt_vocabulary_finish(vocabulary);
    return read;
}
