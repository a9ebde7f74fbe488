/* Text as tokens. */
#include "data/text_form.h"

#include <stdlib.h>
#include <string.h>

#include "core/io/utf8.h"

enum { MOST_CHARACTERS = 65536 - SBMT_TEXT_FIRST, SYMBOL_FOR_NULL = 0x2400 };

bool sbmt_characters_open(struct sbmt_characters *characters, struct sbmt_error *err)
{
    *characters = (struct sbmt_characters){
        .count = calloc(SBMT_UTF8_CODE_POINTS, sizeof *characters->count),
        .id = calloc(SBMT_UTF8_CODE_POINTS, sizeof *characters->id),
    };
    if (characters->count != NULL && characters->id != NULL)
        return true;
    sbmt_characters_close(characters);
    return sbmt_fail(err, SBMT_ERROR_MEMORY, "no memory to count characters");
}

static size_t read_size(const struct sbmt_text_reading *reading, size_t size)
{
    const size_t most = (size_t)reading->source_bytes;
    return most != 0 && size > most ? most : size;
}

void sbmt_characters_count(struct sbmt_characters *characters,
                           const struct sbmt_text_reading *reading, const unsigned char *text,
                           size_t size)
{
    size = read_size(reading, size);
    int length;
    for (size_t i = 0; i < size; i += (size_t)length) {
        const int32_t code_point = sbmt_utf8_next(text + i, size - i, &length);
        characters->count[code_point < 0 ? SBMT_UTF8_REPLACEMENT : code_point]++;
    }
}

bool sbmt_characters_number(struct sbmt_characters *characters,
                            const struct sbmt_text_reading *reading, struct sbmt_error *err)
{
    int used = 0;
    for (int32_t point = 0; point < SBMT_UTF8_CODE_POINTS; point++) {
        characters->id[point] = SBMT_TEXT_UNKNOWN;
        if (characters->count[point] == 0 || characters->count[point] < reading->least_count)
            continue;
        if (used == MOST_CHARACTERS)
            return sbmt_fail(err, SBMT_ERROR_DATA, "more than %d different characters",
                             MOST_CHARACTERS);
        char bytes[SBMT_UTF8_BYTES];
        const int length = sbmt_utf8_put(point != 0 ? point : SYMBOL_FOR_NULL, bytes);
        sbmt_str_append(&characters->words, bytes, (size_t)length);
        characters->id[point] = (uint16_t)(SBMT_TEXT_FIRST + used++);
    }
    characters->vocab = SBMT_TEXT_FIRST + used;
    return !characters->words.failed ||
           sbmt_fail(err, SBMT_ERROR_MEMORY, "no memory for a vocabulary");
}

void sbmt_characters_close(struct sbmt_characters *characters)
{
    free(characters->count);
    free(characters->id);
    sbmt_str_finish(&characters->words);
    *characters = (struct sbmt_characters){0};
}

void sbmt_text_vocabulary(struct sbmt_builder *builder, const struct sbmt_characters *characters)
{
    const struct sbmt_text_reading *reading = builder->form->reading;
    if (reading->characters)
        sbmt_builder_vocabulary(builder, characters->vocab, characters->words.text);
}

void sbmt_text_put(struct sbmt_builder *builder, const struct sbmt_characters *characters,
                   const unsigned char *text, size_t size)
{
    const struct sbmt_text_reading *reading = builder->form->reading;
    size = read_size(reading, size);
    int length = 1;
    for (size_t i = 0; i < size; i += (size_t)length) {
        if (!reading->characters) {
            sbmt_builder_token(builder, text[i] + 1);
            continue;
        }
        const int32_t code_point = sbmt_utf8_next(text + i, size - i, &length);
        sbmt_builder_token(builder,
                           characters->id[code_point < 0 ? SBMT_UTF8_REPLACEMENT : code_point]);
    }
    if (size == 0)
        sbmt_builder_token(builder, SBMT_TEXT_PADDING);
    sbmt_builder_end(builder);
}

void sbmt_text_write_byte(const char *words, int32_t token, struct sbmt_str *out)
{
    (void)words;
    const char byte = (char)(unsigned char)(token - 1);
    if (token != SBMT_TEXT_PADDING)
        sbmt_str_append(out, &byte, 1);
}

void sbmt_text_write_character(const char *words, int32_t token, struct sbmt_str *out)
{
    const unsigned char *at = (const unsigned char *)(words != NULL ? words : "");
    size_t left = strlen((const char *)at);
    if (token == SBMT_TEXT_PADDING || token == SBMT_TEXT_END)
        return;
    int length = 0;
    if (token == SBMT_TEXT_UNKNOWN)
        left = 0;
    for (int32_t next = SBMT_TEXT_FIRST; next <= token && left > 0; next++) {
        at += length;
        left -= (size_t)length;
        if (left > 0)
            sbmt_utf8_next(at, left, &length);
    }
    if (left > 0)
        sbmt_str_append(out, (const char *)at, (size_t)length);
    else
        sbmt_str_printf(out, "\uFFFD");
}
