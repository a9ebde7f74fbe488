/* Tests of vocabularies: the trie below them, both forms of files, and what is refused. */
#include "data/vocabulary.h"

#include "tests/unit/tokens.h"

START_TEST(test_trie)
{
    struct sbmt_trie trie = {0};
    ck_assert_int_eq(sbmt_trie_find(&trie, "", 0), -1);
    ck_assert_int_eq(sbmt_trie_find(&trie, "a", 1), -1);
    sbmt_trie_insert(&trie, "abc", 3, 7);
    ck_assert_int_eq(sbmt_trie_find(&trie, "abc", 3), 7);
    ck_assert_int_eq(sbmt_trie_find(&trie, "ab", 2), -1);
    ck_assert_int_eq(sbmt_trie_find(&trie, "abcd", 4), -1);
    ck_assert_int_eq(sbmt_trie_find(&trie, "", 0), -1);
    ck_assert_uint_ne(sbmt_trie_walk(&trie, "ab", 2), 0);
    ck_assert_uint_eq(sbmt_trie_walk(&trie, "b", 1), 0);
    sbmt_trie_insert(&trie, "abc", 3, 8);
    sbmt_trie_insert(&trie, "", 0, 9);
    sbmt_trie_insert(&trie, "\0\xFF", 2, 10);
    ck_assert_int_eq(sbmt_trie_find(&trie, "abc", 3), 8);
    ck_assert_int_eq(sbmt_trie_find(&trie, "", 0), 9);
    ck_assert_int_eq(sbmt_trie_find(&trie, "\0\xFF", 2), 10);
    ck_assert_int_eq(sbmt_trie_find(&trie, "\0", 1), -1);
    sbmt_trie_finish(&trie);
}
END_TEST

/* Far more strings than the first tables hold. */
START_TEST(test_trie_grows)
{
    enum { COUNT = 20000 };
    struct sbmt_trie trie = {0};
    char text[16];
    for (int i = 0; i < COUNT; i++)
        sbmt_trie_insert(&trie, text, (size_t)snprintf(text, sizeof text, "%x", i * 7), i);
    ck_assert(!trie.failed);
    for (int i = 0; i < 7 * COUNT; i++) {
        const int32_t wanted = i % 7 == 0 ? i / 7 : -1;
        ck_assert_int_eq(sbmt_trie_find(&trie, text, (size_t)snprintf(text, sizeof text, "%x", i)),
                         wanted);
    }
    sbmt_trie_finish(&trie);
}
END_TEST

static void assert_tokens(const struct sbmt_vocabulary *vocabulary, const char *const *wanted,
                          int count)
{
    ck_assert_int_eq(vocabulary->count, count);
    for (int i = 0; i < count; i++) {
        size_t length;
        ck_assert_str_eq(sbmt_vocabulary_token(vocabulary, i, &length), wanted[i]);
        ck_assert_uint_eq(length, strlen(wanted[i]));
        ck_assert_int_eq(sbmt_vocabulary_find(vocabulary, wanted[i], length), i);
    }
}

START_TEST(test_lines)
{
    static const char *const wanted[] = {"[PAD]", "the", "##é", " ", "x y"};
    static const char *const texts[] = {"[PAD]\nthe\n##é\n \nx y\n", "[PAD]\r\nthe\n##é\n \nx y"};
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "vocab.txt");
    for (int i = 0; i < 2; i++) {
        temporary_text(path, texts[i]);
        struct sbmt_vocabulary vocabulary;
        struct sbmt_error err = {0};
        ck_assert_msg(sbmt_vocabulary_read_lines(&vocabulary, path, &err), "%s", err.message);
        assert_tokens(&vocabulary, wanted, 5);
        ck_assert_int_eq(sbmt_vocabulary_find(&vocabulary, "th", 2), -1);
        sbmt_vocabulary_finish(&vocabulary);
        sbmt_vocabulary_finish(&vocabulary);
    }
    temporary_remove(&temporary);
}
END_TEST

START_TEST(test_lines_refused)
{
    static const struct {
        const char *text;
        size_t size;
        const char *message;
    } cases[] = {
        {"", 0, ": the file is empty; expected a token a line"},
        {"a\n\nb\n", 5, ":2: an empty line; each holds a token"},
        {"a\nb\na\n", 6, ":3: the token 'a' is that of line 1 already"},
        {"a\n\xC3\n", 4, ":2: the token is not UTF-8 text"},
        {"a\n\xC0\x80\n", 5, ":2: the token is not UTF-8 text"},
        {"a\n\xED\xA0\x80\n", 6, ":2: the token is not UTF-8 text"},
        {"a\0b\n", 4, ":1: the token is not UTF-8 text"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        tokens_refused(sbmt_vocabulary_read_lines, cases[i].text, cases[i].size, cases[i].message);
}
END_TEST

START_TEST(test_json)
{
    static const char text[] = " {\"b\" :1,\n\t\"a\": 0 , \"\\u0120\\\"\\\\\": 3,\r\n"
                               "\"\\uD83D\\uDe00/\\/\":2,\"é\\n\\t\\r\\b\\f\":4}\n ";
    static const char *const wanted[] = {"a", "b", "😀//", "Ġ\"\\", "é\n\t\r\b\f"};
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "vocab.json");
    temporary_text(path, text);
    struct sbmt_vocabulary vocabulary;
    struct sbmt_error err = {0};
    ck_assert_msg(sbmt_vocabulary_read_json(&vocabulary, path, &err), "%s", err.message);
    assert_tokens(&vocabulary, wanted, 5);
    sbmt_vocabulary_finish(&vocabulary);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(test_json_refused)
{
    static const char object[] = ":1: expected an object: {\"token\": number, …}";
    static const char quotes[] = ":1: expected a token in double quotes";
    static const char number[] = ":1: expected the number of the token, from 0 to 16777215";
    static const char escape[] = ":1: an escape that JSON does not have";
    static const char *const cases[][2] = {
        {"", object},
        {"[1]", object},
        {"{}", quotes},
        {"{\"a\":0,}", quotes},
        {"{a:0}", quotes},
        {"{\n\"a\" 0}", ":2: expected a colon behind the token"},
        {"{\"a\":}", number},
        {"{\"a\":-1}", number},
        {"{\"a\":16777216}", number},
        {"{\"a\":99999999999999999999}", number},
        {"{\"a\":0.5}", ":1: expected a comma or the end of the object"},
        {"{\"a\":0", ":1: expected a comma or the end of the object"},
        {"{\"a\":0}\n}", ":2: something behind the object"},
        {"{\"a", ":1: a token without its closing quote"},
        {"{\"a\n\":0}", ":1: a token without its closing quote"},
        {"{\"a\\", escape},
        {"{\"\\x\":0}", escape},
        {"{\"\\u12g4\":0}", escape},
        {"{\"\\uD83D\":0}", escape},
        {"{\"\\uDE00\":0}", escape},
        {"{\"\\uD83D\\u0041\":0}", escape},
        {"{\"\":0}", ":1: an empty token"},
        {"{\"\\u0000\":0}", ":1: the token is not UTF-8 text"},
        {"{\"\xFF\":0}", ":1: the token is not UTF-8 text"},
        {"{\"a\":0,\n\"a\":1}", ":2: the token 'a' is there twice"},
        {"{\"a\":0,\"b\":0}", ": the number 0 is there twice"},
        {"{\"a\":0,\"b\":2}", ": the number 2 of 'b' is too high for 2 tokens; they are numbered "
                              "from 0 without gaps"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        tokens_refused(sbmt_vocabulary_read_json, cases[i][0], strlen(cases[i][0]), cases[i][1]);
}
END_TEST

/* A file that stops anywhere is refused, never read beyond its end. */
START_TEST(test_json_cut_everywhere)
{
    static const char text[] = "{\"a\":0,\n\"\\u0120b\":1, \"\\uD83D\\uDE00\":2}";
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "vocab.json");
    for (size_t size = 0; size < sizeof text - 1; size++) {
        temporary_put(path, text, size);
        struct sbmt_vocabulary vocabulary;
        struct sbmt_error err = {0};
        ck_assert_msg(!sbmt_vocabulary_read_json(&vocabulary, path, &err), "cut at %zu", size);
        ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
    }
    temporary_remove(&temporary);
}
END_TEST

SBMT_SUITE_MAIN("vocabulary", test_trie, test_trie_grows, test_lines, test_lines_refused, test_json,
                test_json_refused, test_json_cut_everywhere)
