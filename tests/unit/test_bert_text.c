/* Tests of BERT's clean-up and splitting, and of what Unicode it stands on. */
#include "data/bert_text.h"

#include "core/io/utf8.h"
#include "data/unicode.h"
#include "tests/unit/tokens.h"

static const struct sbmt_bert_text uncased = {.lower_case = true, .strip_accents = true};
static const struct sbmt_bert_text small = {.lower_case = true};
static const struct sbmt_bert_text cased = {.lower_case = false};

/* Compares the words, joined by '|', and checks their counts of characters. */
static void assert_words(struct sbmt_bert_text how, const char *text, size_t length,
                         const char *wanted)
{
    struct sbmt_bert_words words = {0};
    struct sbmt_str joined = {0};
    sbmt_bert_split(&words, how, text, length);
    sbmt_str_append(&joined, "", 0);
    for (size_t i = 0; i < words.count; i++) {
        const struct sbmt_bert_word *word = &words.word[i];
        int characters = 0, bytes;
        for (size_t used = 0; used < word->length; characters++, used += (size_t)bytes)
            ck_assert_int_ge(
                sbmt_utf8_next(words.text + word->begin + used, word->length - used, &bytes), 0);
        ck_assert_int_eq(word->characters, characters);
        sbmt_str_append(&joined, "|", i > 0);
        sbmt_str_append(&joined, words.text + word->begin, word->length);
    }
    ck_assert_str_eq(joined.text, wanted);
    sbmt_str_finish(&joined);
    sbmt_bert_words_finish(&words);
}

static void assert_splits(struct sbmt_bert_text how, const char *text, const char *wanted)
{
    assert_words(how, text, strlen(text), wanted);
}

START_TEST(test_ascii)
{
    assert_splits(uncased, "", "");
    assert_splits(uncased, " \t\r\n ", "");
    assert_splits(uncased, "Hello, World!", "hello|,|world|!");
    assert_splits(cased, "Hello, World!", "Hello|,|World|!");
    assert_splits(uncased, "a\tb\nc\rd", "a|b|c|d");
    assert_splits(uncased,
                  "a\x01\x0B\x0C\x1F\x7F"
                  "b",
                  "ab");
    assert_words(uncased, "1\0002", 3, "12");
    assert_splits(uncased, "!\"#$%&'()*+,-./", "!|\"|#|$|%|&|'|(|)|*|+|,|-|.|/");
    assert_splits(uncased, ":;<=>?@[\\]^_`{|}~", ":|;|<|=|>|?|@|[|\\|]|^|_|`|{|||}|~");
    assert_splits(uncased, "don't", "don|'|t");
}
END_TEST

START_TEST(test_beyond_ascii)
{
    assert_splits(uncased, "Ünwänted É e\u0301", "unwanted|e|e");
    assert_splits(small, "Ünwänted É E\u0301", "ünwänted|é|e\u0301");
    assert_splits(cased, "Ünwänted E\u0301", "Ünwänted|E\u0301");
    assert_splits(uncased, "İI ı ẞ ŒΣ", "ii|ı|ß|œσ");
    assert_splits(small, "İ", "i\u0307");
    /* Chinese characters are words, Kana are not; a compatibility character becomes another. */
    assert_splits(uncased, "ah博推zz", "ah|博|推|zz");
    assert_splits(uncased, "ひらカナ", "ひらカナ");
    assert_splits(uncased, "x\uF900y", "x|\u8C48|y");
    assert_splits(cased, "x\uF900y", "x|\uF900|y");
    assert_splits(uncased, "\U00020000\U0002CEAF\U0002CEB0", "\U00020000|\U0002CEAF|\U0002CEB0");
    /* Hangul decomposes into jamo. */
    assert_splits(uncased, "각", "\u1100\u1161\u11A8");
    assert_splits(cased, "각", "각");
    /* Spaces, punctuation, and a mark that is punctuation only once decomposed. */
    assert_splits(uncased, "a\u00A0b\u2003c\u3000d\u2028e\u2029f", "a|b|c|d|e|f");
    assert_splits(uncased, "a\u00BFb…c„d\u037Ee", "a|\u00BF|b|…|c|„|d|;|e");
    assert_splits(uncased, "a\u1FEFb", "a|`|b");
    assert_splits(small, "a\u1FEFb", "a\u1FEFb");
    assert_splits(uncased, "€5 a\u2212b", "€5|a\u2212b");
}
END_TEST

START_TEST(test_what_vanishes)
{
    /* Format characters, next line, private use, and the replacement character; not unassigned
     * ones. */
    assert_splits(uncased,
                  "a\u00ADb\u200Dc\uFEFFd\xC2\x85"
                  "e\uE000f\uFFFDg",
                  "abcdefg");
    assert_splits(uncased, "a\u0378b", "a\u0378b");
    /* Bytes that are no UTF-8: alone, cut short, overlong, surrogates, beyond the last plane. */
    assert_splits(uncased,
                  "a\x80"
                  "b\xFF"
                  "c",
                  "abc");
    assert_splits(uncased, "a\xC3", "a");
    assert_splits(uncased,
                  "a\xE2\x82"
                  "b",
                  "ab");
    assert_splits(uncased,
                  "a\xC0\xAF"
                  "b",
                  "ab");
    assert_splits(uncased,
                  "a\xED\xA0\x80"
                  "b",
                  "ab");
    assert_splits(uncased,
                  "a\xF4\x90\x80\x80"
                  "b",
                  "ab");
    /* Nothing is left of a word of accents. */
    assert_splits(uncased, "a \u0301 b", "a|b");
}
END_TEST

/* One list serves texts of all lengths. */
START_TEST(test_reuse_and_length)
{
    enum { LENGTH = 100000 };
    char *text = malloc(LENGTH);
    struct sbmt_bert_words words = {0};
    for (int round = 0; round < 2; round++) {
        memset(text, 'A', LENGTH);
        sbmt_bert_split(&words, uncased, text, LENGTH);
        ck_assert_uint_eq(words.count, 1);
        ck_assert_int_eq(words.word[0].characters, LENGTH);
        memset(text, '.', LENGTH);
        sbmt_bert_split(&words, uncased, text, LENGTH);
        ck_assert_uint_eq(words.count, LENGTH);
        sbmt_bert_split(&words, uncased, text, 0);
        ck_assert_uint_eq(words.count, 0);
    }
    sbmt_bert_words_finish(&words);
    sbmt_bert_words_finish(&words);
    free(text);
}
END_TEST

START_TEST(test_unicode)
{
    static const struct {
        int32_t c;
        enum sbmt_unicode_class class;
    } cases[] = {
        {'a', SBMT_UNICODE_LETTER},      {0x3B1, SBMT_UNICODE_LETTER},
        {0x2C6, SBMT_UNICODE_LETTER},    {'7', SBMT_UNICODE_NUMBER},
        {0xBD, SBMT_UNICODE_NUMBER},     {0x2167, SBMT_UNICODE_NUMBER},
        {'_', SBMT_UNICODE_PUNCTUATION}, {'$', SBMT_UNICODE_OTHER},
        {0x301, SBMT_UNICODE_MARK},      {0x903, SBMT_UNICODE_OTHER},
        {0x20DD, SBMT_UNICODE_OTHER},    {'\v', SBMT_UNICODE_SPACE},
        {0x85, SBMT_UNICODE_SPACE},      {0x2028, SBMT_UNICODE_SPACE},
        {0x200B, SBMT_UNICODE_CONTROL},  {0x1C, SBMT_UNICODE_CONTROL},
        {0xE000, SBMT_UNICODE_CONTROL},  {0x378, SBMT_UNICODE_OTHER},
        {0x10FFFF, SBMT_UNICODE_OTHER},  {-1, SBMT_UNICODE_OTHER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_int_eq(sbmt_unicode_class(cases[i].c), cases[i].class);
    /* No decomposition is longer than four. */
    int32_t wrong = 0;
    for (int32_t c = 0; c < SBMT_UTF8_CODE_POINTS; c++) {
        int32_t parts[SBMT_UNICODE_DECOMPOSED];
        wrong += sbmt_unicode_decompose(c, parts) > 4;
    }
    ck_assert_int_eq(wrong, 0);
}
END_TEST

SBMT_SUITE_MAIN("bert_text", test_ascii, test_beyond_ascii, test_what_vanishes,
                test_reuse_and_length, test_unicode)
