/* Tests of text as tokens: bytes, and characters of a vocabulary that is counted first. */
#include "core/io/utf8.h"
#include "data/text_form.h"
#include "tests/unit/built.h"

#define BYTES(text) (const unsigned char *)(text), strlen(text)

static void put(struct built *built, const struct sbmt_characters *characters, const char *text)
{
    sbmt_text_put(&built->builder, characters, BYTES(text));
    sbmt_builder_label(&built->builder, 0);
}

START_TEST(test_bytes)
{
    static const struct sbmt_text_reading reading = {.source_bytes = 5};
    static const struct sbmt_form form = {
        .unit = "byte", .vocab = SBMT_TEXT_BYTES, .max_length = 4, .reading = &reading};
    struct built built;
    built_begin(&built, &form, 1);
    sbmt_text_vocabulary(&built.builder, NULL);
    put(&built, NULL, "a\xFF\r");
    put(&built, NULL, "");
    put(&built, NULL, "0123456");
    sbmt_text_put(&built.builder, NULL, (const unsigned char *)"\0\0", 2);
    sbmt_builder_label(&built.builder, 0);
    const struct sbmt_examples *examples = built_read(&built);
    built_tokens(&built, 0, (const int[]){98, 256, 14}, 3);
    built_tokens(&built, 1, (const int[]){SBMT_TEXT_PADDING}, 1);
    built_tokens(&built, 2, (const int[]){49, 50, 51, 52}, 4);
    built_tokens(&built, 3, (const int[]){1, 1}, 2);
    /* Bytes past the first five are not there; the fifth was cut. */
    static const int64_t lengths[] = {3, 1, 5, 2};
    ck_assert_mem_eq(examples->source_length, lengths, sizeof lengths);
    ck_assert_str_eq(sbmt_safetensors_metadata(&built.dataset.file, "words"), "byte");
    built_end(&built);
}
END_TEST

/* All but U+FFFD, which invalid bytes count as, occur twice in what is counted. */
START_TEST(test_characters)
{
    static const struct sbmt_text_reading reading = {.characters = true, .least_count = 2};
    static const struct sbmt_form form = {
        .unit = "character", .max_length = 6, .end = SBMT_TEXT_END, .reading = &reading};
    struct sbmt_characters characters = {0};
    struct built built;
    ck_assert(sbmt_characters_open(&characters, NULL));
    sbmt_characters_count(&characters, &reading, BYTES("bba𝄞é"));
    sbmt_characters_count(&characters, &reading, BYTES("éb\xC3𝄞c"));
    ck_assert(sbmt_characters_number(&characters, &reading, NULL));
    ck_assert_str_eq(characters.words.text, "bé𝄞");
    ck_assert_int_eq(characters.vocab, 6);
    built_begin(&built, &form, 1);
    sbmt_text_vocabulary(&built.builder, &characters);
    put(&built, &characters, "𝄞ébac");
    put(&built, &characters, "");
    put(&built, &characters, "b\xF0\x9D\x84");
    put(&built, &characters, "bbbbbb");
    sbmt_characters_close(&characters);
    sbmt_characters_close(&characters);
    const struct sbmt_examples *examples = built_read(&built);
    ck_assert_int_eq(built.dataset.vocab, 6);
    built_tokens(&built, 0, (const int[]){5, 4, 3, 1, 1, SBMT_TEXT_END}, 6);
    built_tokens(&built, 1, (const int[]){SBMT_TEXT_PADDING, SBMT_TEXT_END}, 2);
    built_tokens(&built, 2, (const int[]){3, 1, 1, 1, SBMT_TEXT_END}, 5);
    built_tokens(&built, 3, (const int[]){3, 3, 3, 3, 3, SBMT_TEXT_END}, 6);
    static const int64_t lengths[] = {6, 2, 5, 7};
    ck_assert_mem_eq(examples->source_length, lengths, sizeof lengths);
    built_end(&built);
}
END_TEST

/* With a least count of one every character that occurs has a token; NUL and what is no UTF-8 are
 * shown by other characters. */
START_TEST(test_every_character)
{
    static const struct sbmt_text_reading reading = {.characters = true, .least_count = 1};
    struct sbmt_characters characters;
    ck_assert(sbmt_characters_open(&characters, NULL));
    sbmt_characters_count(&characters, &reading, (const unsigned char *)"z\0\xFF\n", 4);
    ck_assert(sbmt_characters_number(&characters, &reading, NULL));
    ck_assert_str_eq(characters.words.text, "\u2400\nz\uFFFD");
    ck_assert_int_eq(characters.vocab, SBMT_TEXT_FIRST + 4);
    ck_assert_int_eq(characters.id[0], SBMT_TEXT_FIRST);
    ck_assert_int_eq(characters.id['z'], SBMT_TEXT_FIRST + 2);
    ck_assert_int_eq(characters.id['a'], SBMT_TEXT_UNKNOWN);
    ck_assert_int_eq(characters.id[SBMT_UTF8_REPLACEMENT], SBMT_TEXT_FIRST + 3);
    sbmt_characters_close(&characters);
}
END_TEST

/* As many as token ids of 16 bits can tell apart, and one more. */
START_TEST(test_most_characters)
{
    static const struct sbmt_text_reading reading = {.characters = true, .least_count = 1};
    struct sbmt_characters characters;
    struct sbmt_error err = {0};
    enum { FIRST = 0x10000, MOST = 65536 - SBMT_TEXT_FIRST };
    ck_assert(sbmt_characters_open(&characters, NULL));
    for (int32_t i = 0; i <= MOST; i++) {
        unsigned char bytes[4];
        if (i == MOST)
            ck_assert(sbmt_characters_number(&characters, &reading, &err));
        const int length = sbmt_utf8_put(FIRST + i, bytes);
        sbmt_characters_count(&characters, &reading, bytes, (size_t)length);
    }
    ck_assert_int_eq(characters.vocab, 65536);
    ck_assert_int_eq(characters.id[FIRST + MOST - 1], 65535);
    sbmt_str_clear(&characters.words);
    ck_assert(!sbmt_characters_number(&characters, &reading, &err));
    ck_assert_str_eq(err.message, "more than 65533 different characters");
    sbmt_characters_close(&characters);
}
END_TEST

SBMT_SUITE_MAIN("text_form", test_bytes, test_characters, test_every_character,
                test_most_characters)
