/* Tests of byte-pair encoding: words, the alphabet of bytes, merges, the way back, refusals. */
#include "data/byte_pair.h"

#include "core/io/utf8.h"
#include "tests/unit/tokens.h"

/* Compares the words, joined by '|'. */
static void assert_words(const char *text, const char *wanted)
{
    struct sbmt_str joined = {0};
    const size_t length = strlen(text);
    for (size_t i = 0; i < length;) {
        const size_t size = sbmt_byte_pair_word(text + i, length - i);
        ck_assert_uint_gt(size, 0);
        sbmt_str_append(&joined, "|", i > 0);
        sbmt_str_append(&joined, text + i, size);
        i += size;
    }
    ck_assert_str_eq(joined.text, wanted);
    sbmt_str_finish(&joined);
}

START_TEST(test_words)
{
    assert_words("Hello world", "Hello| world");
    assert_words("I'll don't we've 'S it's", "I|'ll| don|'t| we|'ve| '|S| it|'s");
    assert_words("he'd're'm'x'", "he|'d|'re|'m|'|x|'");
    assert_words("!'s 't", "!'|s| '|t");
    assert_words("a  b", "a| | b");
    assert_words("a   b", "a|  | b");
    assert_words("a \n b", "a| \n| b");
    assert_words("a\nb", "a|\n|b");
    assert_words("a\n\nb", "a|\n|\n|b");
    assert_words("a\n 1", "a|\n| 1");
    assert_words("  ", "  ");
    assert_words(" ", " ");
    assert_words("a \t", "a| \t");
    assert_words("x1y22 33!?", "x|1|y|22| 33|!?");
    assert_words("né \u00BD\u00B2 \u2167 €\u0301", "né| \u00BD\u00B2| \u2167| €\u0301");
    /* Only the blank itself goes with a word. */
    assert_words("a\u00A0b\u3000\u3000c", "a|\u00A0|b|\u3000|\u3000|c");
    assert_words("\x85\xA0 \xC2\x85z\x1C", "\x85\xA0| |\xC2\x85|z|\x1C");
}
END_TEST

START_TEST(test_alphabet)
{
    bool taken[512] = {false};
    for (int byte = 0; byte < 256; byte++) {
        const int32_t c = sbmt_byte_pair_character((unsigned char)byte);
        ck_assert_int_lt(c, 512);
        ck_assert(!taken[c]);
        taken[c] = true;
        ck_assert_int_eq(sbmt_byte_pair_byte(c), byte);
    }
    ck_assert_int_eq(sbmt_byte_pair_character(' '), 0x120);
    ck_assert_int_eq(sbmt_byte_pair_character('\n'), 0x10A);
    ck_assert_int_eq(sbmt_byte_pair_character(0), 0x100);
    ck_assert_int_eq(sbmt_byte_pair_character(0x7F), 0x121);
    ck_assert_int_eq(sbmt_byte_pair_character(0xAD), 0x143);
    ck_assert_int_eq(sbmt_byte_pair_byte(' '), -1);
    ck_assert_int_eq(sbmt_byte_pair_byte(0x144), -1);
    ck_assert_int_eq(sbmt_byte_pair_byte(0x20AC), -1);
}
END_TEST

/* The bytes, then more tokens. */
static struct sbmt_vocabulary make_vocabulary(const char *const *tokens, int count)
{
    struct sbmt_vocabulary vocabulary = {0};
    for (int byte = 0; byte < 256; byte++) {
        char text[SBMT_UTF8_BYTES];
        sbmt_vocabulary_add(
            &vocabulary, text,
            (size_t)sbmt_utf8_put(sbmt_byte_pair_character((unsigned char)byte), text));
    }
    for (int i = 0; i < count; i++)
        sbmt_vocabulary_add(&vocabulary, tokens[i], strlen(tokens[i]));
    ck_assert(!vocabulary.failed);
    return vocabulary;
}

static const char *const merged[] = {"lo", "low", "er", "Ġlow", "aa", "aaaa", "Ġ€"};
static const char merges[] = "#version: 0.2\nl o\nlo w\ne r\nĠ low\na a\naa aa\n";
enum { MERGED = sizeof merged / sizeof merged[0] };

static void assert_tokens(struct sbmt_byte_pair *pairs, const char *text, const char *wanted)
{
    struct sbmt_token_list list = {0};
    struct sbmt_str back = {0};
    sbmt_byte_pair_encode(pairs, text, strlen(text), &list);
    char *tokens = tokens_text(pairs->vocabulary, &list);
    ck_assert_str_eq(tokens, wanted);
    sbmt_byte_pair_decode(pairs->vocabulary, list.id, list.count, &back);
    ck_assert_str_eq(back.text, text);
    free(tokens);
    sbmt_str_finish(&back);
    sbmt_token_list_finish(&list);
}

START_TEST(test_merging)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "merges.txt");
    struct sbmt_vocabulary vocabulary = make_vocabulary(merged, MERGED);
    struct sbmt_byte_pair pairs;
    struct sbmt_error err = {0};
    temporary_text(path, merges);
    ck_assert_msg(sbmt_byte_pair_open(&pairs, &vocabulary, path, &err), "%s", err.message);
    ck_assert_int_eq(pairs.count, 6);
    assert_tokens(&pairs, "lower low", "low er Ġlow");
    assert_tokens(&pairs, "low  lower", "low Ġ Ġlow er");
    assert_tokens(&pairs, "lol", "lo l");
    /* The leftmost of equal pairs first. */
    assert_tokens(&pairs, "aaa", "aa a");
    assert_tokens(&pairs, "aaaaaaa", "aaaa aa a");
    assert_tokens(&pairs, "é", "Ã ©");
    assert_tokens(&pairs, "\xFF\x01", "ÿ ā");
    struct sbmt_token_list list = {0};
    sbmt_byte_pair_encode(&pairs, "", 0, &list);
    ck_assert_uint_eq(list.count, 0);
    /* A character that stands for no byte comes out as it is. */
    struct sbmt_str text = {0};
    const int32_t odd = sbmt_vocabulary_find(&vocabulary, "Ġ€", strlen("Ġ€"));
    sbmt_byte_pair_decode(&vocabulary, &odd, 1, &text);
    ck_assert_str_eq(text.text, " €");
    sbmt_str_finish(&text);
    sbmt_byte_pair_close(&pairs);
    sbmt_byte_pair_close(&pairs);
    sbmt_vocabulary_finish(&vocabulary);
    temporary_remove(&temporary);
}
END_TEST

/* Merges of lower rank that appear late go first all the same, and those that a merge has made
 * impossible do not happen. */
START_TEST(test_ranks)
{
    static const char *const tokens[] = {"bc", "ab", "abc", "cd", "abcd"};
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "merges.txt");
    struct sbmt_vocabulary vocabulary = make_vocabulary(tokens, 5);
    struct sbmt_byte_pair pairs;
    struct sbmt_error err = {0};
    temporary_text(path, "b c\na b\na bc\nc d\nabc d\n");
    ck_assert(sbmt_byte_pair_open(&pairs, &vocabulary, path, &err));
    assert_tokens(&pairs, "abcd", "abcd");
    assert_tokens(&pairs, "abd", "ab d");
    assert_tokens(&pairs, "bcd", "bc d");
    assert_tokens(&pairs, "acd", "a cd");
    sbmt_byte_pair_close(&pairs);
    temporary_text(path, "");
    ck_assert(sbmt_byte_pair_open(&pairs, &vocabulary, path, &err));
    assert_tokens(&pairs, "abc", "a b c");
    sbmt_byte_pair_close(&pairs);
    sbmt_vocabulary_finish(&vocabulary);
    temporary_remove(&temporary);
}
END_TEST

/* All bytes in all places come back; a word of a million bytes takes no time. */
START_TEST(test_round_trip)
{
    enum { LENGTH = 1000000 };
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "merges.txt");
    struct sbmt_vocabulary vocabulary = make_vocabulary(merged, MERGED);
    struct sbmt_byte_pair pairs;
    struct sbmt_error err = {0};
    temporary_text(path, merges);
    ck_assert(sbmt_byte_pair_open(&pairs, &vocabulary, path, &err));
    char *text = malloc(LENGTH);
    struct sbmt_token_list list = {0};
    struct sbmt_str back = {0};
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < LENGTH; i++)
            text[i] = round == 0 ? 'a' : (char)(i * 2654435761U >> 23);
        sbmt_token_list_clear(&list);
        sbmt_str_clear(&back);
        sbmt_byte_pair_encode(&pairs, text, LENGTH, &list);
        ck_assert(!list.failed);
        if (round == 0)
            ck_assert_uint_eq(list.count, LENGTH / 4);
        sbmt_byte_pair_decode(&vocabulary, list.id, list.count, &back);
        ck_assert_uint_eq(back.length, LENGTH);
        ck_assert_mem_eq(back.text, text, LENGTH);
    }
    free(text);
    sbmt_token_list_finish(&list);
    sbmt_str_finish(&back);
    sbmt_byte_pair_close(&pairs);
    sbmt_vocabulary_finish(&vocabulary);
    temporary_remove(&temporary);
}
END_TEST

static void assert_refused(const struct sbmt_vocabulary *vocabulary, const char *text,
                           const char *message)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "merges.txt");
    struct sbmt_byte_pair pairs;
    struct sbmt_error err = {0};
    char wanted[1100];
    temporary_text(path, text);
    ck_assert_msg(!sbmt_byte_pair_open(&pairs, vocabulary, path, &err), "read: %s", text);
    snprintf(wanted, sizeof wanted, "%s%s", path, message);
    ck_assert_str_eq(err.message, wanted);
    ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    ck_assert_ptr_null(pairs.merge);
    temporary_remove(&temporary);
}

START_TEST(test_refusals)
{
    static const char two[] = ": expected two tokens with a blank between them";
    static const char *const cases[][2] = {
        {"l o\nlow\n", ":2"},   {"l o\n low\n", ":2"}, {"l o\nlow \n", ":2"},
        {"l o\nl o w\n", ":2"}, {"\nl o\n", ":1"},     {"l o\n#version: 0.2\n", NULL},
    };
    struct sbmt_vocabulary vocabulary = make_vocabulary(merged, MERGED);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char message[200];
        snprintf(message, sizeof message, "%s%s", cases[i][1] != NULL ? cases[i][1] : ":2",
                 cases[i][1] != NULL ? two : ": '#version:' is not in the vocabulary");
        assert_refused(&vocabulary, cases[i][0], message);
    }
    assert_refused(&vocabulary, "l o\nl ow\n", ":2: 'ow' is not in the vocabulary");
    assert_refused(&vocabulary, "ow l\n", ":1: 'ow' is not in the vocabulary");
    assert_refused(&vocabulary, "l o\nx y\n", ":2: 'xy' is not in the vocabulary");
    assert_refused(&vocabulary, "l o\ne r\nl o\n", ":3: these two were merged before");
    sbmt_vocabulary_finish(&vocabulary);
    sbmt_vocabulary_add(&vocabulary, "Ā", strlen("Ā"));
    assert_refused(&vocabulary, "",
                   ": the vocabulary that belongs to it has no token 'ā' for the byte 0x01");
    sbmt_vocabulary_finish(&vocabulary);
}
END_TEST

SBMT_SUITE_MAIN("byte_pair", test_words, test_alphabet, test_merging, test_ranks, test_round_trip,
                test_refusals)
