/* Tests of cutting words into pieces, and of learning the pieces. */
#include "data/wordpiece.h"

#include "data/wordpiece_train.h"
#include "tests/unit/tokens.h"

static struct sbmt_vocabulary make_vocabulary(const char *const *tokens, int count)
{
    struct sbmt_vocabulary vocabulary = {0};
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(sbmt_vocabulary_add(&vocabulary, tokens[i], strlen(tokens[i])), i);
    return vocabulary;
}

static void assert_cut(const struct sbmt_wordpiece *wordpiece, const char *word, int characters,
                       const char *wanted)
{
    struct sbmt_token_list list = {0};
    sbmt_wordpiece_cut(wordpiece, word, strlen(word), characters, &list);
    char *text = tokens_text(wordpiece->vocabulary, &list);
    ck_assert_str_eq(text, wanted);
    free(text);
    sbmt_token_list_finish(&list);
}

START_TEST(test_cut)
{
    static const char *const tokens[] = {"[UNK]", "un", "##aff", "##able", "una", "##ffa",
                                         "##ble", "a",  "##b",   "é",      "##é"};
    struct sbmt_vocabulary vocabulary = make_vocabulary(tokens,
                                                        (int)(sizeof tokens / sizeof tokens[0]));
    const struct sbmt_wordpiece wordpiece = sbmt_wordpiece_make(&vocabulary, 0);
    /* The longest first piece, although a shorter one would do as well. */
    assert_cut(&wordpiece, "unaffable", 9, "una ##ffa ##ble");
    assert_cut(&wordpiece, "un", 2, "un");
    /* A dead end is not tried again with shorter pieces: the whole word is unknown. */
    assert_cut(&wordpiece, "unaff", 5, "[UNK]");
    assert_cut(&wordpiece, "abx", 3, "[UNK]");
    assert_cut(&wordpiece, "b", 1, "[UNK]");
    assert_cut(&wordpiece, "éé", 2, "é ##é");
    assert_cut(&wordpiece, "\xC3", 1, "[UNK]");
    assert_cut(&wordpiece, "", 0, "");
    sbmt_vocabulary_finish(&vocabulary);
}
END_TEST

START_TEST(test_longest_word)
{
    static const char *const tokens[] = {"[UNK]", "é", "##é"};
    struct sbmt_vocabulary vocabulary = make_vocabulary(tokens, 3);
    const struct sbmt_wordpiece wordpiece = sbmt_wordpiece_make(&vocabulary, 0);
    char word[2 * 101];
    for (size_t i = 0; i < sizeof word; i++)
        word[i] = "é"[i % 2];
    struct sbmt_token_list list = {0};
    sbmt_wordpiece_cut(&wordpiece, word, 2 * 100, 100, &list);
    ck_assert_uint_eq(list.count, 100);
    sbmt_token_list_clear(&list);
    sbmt_wordpiece_cut(&wordpiece, word, 2 * 101, 101, &list);
    ck_assert_uint_eq(list.count, 1);
    ck_assert_int_eq(list.id[0], 0);
    sbmt_token_list_finish(&list);
    sbmt_vocabulary_finish(&vocabulary);
}
END_TEST

/* Without a piece that goes on with a word, words are known whole or not at all. */
START_TEST(test_whole_words)
{
    static const char *const tokens[] = {"[UNK]", "ab", "a", "b"};
    struct sbmt_vocabulary vocabulary = make_vocabulary(tokens, 4);
    const struct sbmt_wordpiece wordpiece = sbmt_wordpiece_make(&vocabulary, 0);
    assert_cut(&wordpiece, "ab", 2, "ab");
    assert_cut(&wordpiece, "aab", 3, "[UNK]");
    sbmt_vocabulary_finish(&vocabulary);
}
END_TEST

/* Learns from a text and compares the file, in which blanks stand for line ends. */
static void assert_learnt(const char *text, struct sbmt_wordpiece_options options,
                          const char *wanted)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "text");
    temporary_text(path, text);
    options.vocab = temporary_path(&temporary, "vocab.txt");
    struct sbmt_error err = {0};
    for (int round = 0; round < 2; round++) {
        ck_assert_msg(sbmt_wordpiece_train(&options, &path, 1, NULL, &err), "%s", err.message);
        size_t size;
        char *vocab = temporary_get(options.vocab, &size);
        for (size_t i = 0; i < size; i++)
            vocab[i] = vocab[i] == '\n' ? ' ' : vocab[i];
        ck_assert_uint_eq(size, strlen(wanted));
        ck_assert_mem_eq(vocab, wanted, size);
        free(vocab);
        options.force = true;
    }
    temporary_remove(&temporary);
}

#define SPECIAL "[PAD] [UNK] [CLS] [SEP] [MASK] "

START_TEST(test_learning)
{
    const struct sbmt_wordpiece_options plain = {.size = 100, .min_count = 2, .characters = 100};
    /* Twice "ab", then abc: ab + c, each time. */
    assert_learnt("abc abc ab", plain, SPECIAL "a b c ##b ##c ab abc ");
    struct sbmt_wordpiece_options options = plain;
    options.size = 11;
    assert_learnt("abc abc ab", options, SPECIAL "a b c ##b ##c ab ");
    options.size = 10;
    assert_learnt("abc abc ab", options, SPECIAL "a b c ##b ##c ");
    /* Two pairs as frequent: that of the lower pieces is first, wherever it stands. */
    assert_learnt("cd cd ab ab", plain, SPECIAL "a b c d ##b ##d ab cd ");
    /* Pairs that occur once stay apart, but for --min-count 1. */
    assert_learnt("ab", plain, SPECIAL "a b ##b ");
    options = plain;
    options.min_count = 1;
    assert_learnt("ab", options, SPECIAL "a b ##b ab ");
    /* Runs of one letter are merged from the left, without overlap. */
    assert_learnt("xaaaa", plain, SPECIAL "a x ##a ##aa ");
    /* Two ways to one piece: it is there once. */
    options.min_count = 1;
    assert_learnt("abc abc abc bc bc bc bc", options, SPECIAL "a b c ##b ##c bc ab abc ");
}
END_TEST

START_TEST(test_learning_text)
{
    struct sbmt_wordpiece_options options = {.size = 100, .min_count = 2, .characters = 100};
    assert_learnt("É é\nE, e!\n", options, SPECIAL "! , e ");
    options.accents = true;
    assert_learnt("É é\nE, e!\n", options, SPECIAL "! , e é ");
    options.cased = true;
    assert_learnt("É é\nE, e!\n", options, SPECIAL "! , E e É é ");
    /* The rarest character goes, the higher one of several, and with it its words. */
    options.cased = options.accents = false;
    options.characters = 2;
    assert_learnt("ab ab ac ac a b c", options, SPECIAL "a b ##b ab ");
    /* A word that is too long counts for nothing. */
    char text[160] = "b ";
    memset(text + 2, 'a', 101);
    assert_learnt(text, options, SPECIAL "b ");
}
END_TEST

static void assert_refused(const char *text, int size, enum sbmt_error_kind kind,
                           const char *message)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "text");
    const struct sbmt_wordpiece_options options = {
        .vocab = temporary_path(&temporary, "vocab.txt"),
        .size = size,
        .min_count = 2,
        .characters = 100,
    };
    temporary_text(path, text);
    struct sbmt_error err = {0};
    char wanted[1100];
    ck_assert(!sbmt_wordpiece_train(&options, &path, 1, NULL, &err));
    snprintf(wanted, sizeof wanted, message, path);
    ck_assert_str_eq(err.message, wanted);
    ck_assert_int_eq(err.kind, kind);
    ck_assert_int_eq(access(options.vocab, F_OK), -1);
    temporary_remove(&temporary);
}

START_TEST(test_learning_refused)
{
    assert_refused("\n \n", 100, SBMT_ERROR_DATA, "%s: no words to learn from");
    assert_refused("ab", 7, SBMT_ERROR_USAGE,
                   "--size 7: special tokens and alphabet are 8 tokens already");
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "vocab.txt");
    const struct sbmt_wordpiece_options options = {
        .vocab = path, .size = 100, .min_count = 2, .characters = 100};
    temporary_text(path, "precious\n");
    struct sbmt_error err = {0};
    char wanted[600];
    ck_assert(!sbmt_wordpiece_train(&options, &path, 1, NULL, &err));
    snprintf(wanted, sizeof wanted, "%s: exists; --force replaces it", path);
    ck_assert_str_eq(err.message, wanted);
    ck_assert_int_eq(err.kind, SBMT_ERROR_USAGE);
    /* Nor what only looks as if it were not there. */
    const char *text = temporary_path(&temporary, "text");
    ck_assert_int_eq(rename(path, text), 0);
    ck_assert_int_eq(symlink("nothing", path), 0);
    ck_assert(!sbmt_wordpiece_train(&options, &text, 1, NULL, &err));
    ck_assert_str_eq(err.message, wanted);
    temporary_remove(&temporary);
}
END_TEST

SBMT_SUITE_MAIN("wordpiece", test_cut, test_longest_word, test_whole_words, test_learning,
                test_learning_text, test_learning_refused)
