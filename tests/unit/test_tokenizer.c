/* Tests of whole tokenizers: published cases, special tokens in texts, decoding, what is missing.
 */
#include "data/tokenizer.h"

#include <inttypes.h>

#include <cjson/cJSON.h>

#include "tests/unit/tokens.h"

static const struct sbmt_bert_text uncased = {.lower_case = true, .strip_accents = true};

static void open_bert(struct sbmt_tokenizer *tokenizer)
{
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "vocab.txt");
    struct sbmt_error err = {0};
    tokens_write_bert(path);
    ck_assert_msg(sbmt_tokenizer_open_bert(tokenizer, path, uncased, &err), "%s", err.message);
    temporary_remove(&temporary);
}

static void assert_tokens(struct sbmt_tokenizer *tokenizer, const char *text, const char *wanted)
{
    struct sbmt_token_list list = {0};
    sbmt_tokenizer_encode(tokenizer, text, strlen(text), &list);
    char *tokens = tokens_text(&tokenizer->vocabulary, &list);
    ck_assert_str_eq(tokens, wanted);
    free(tokens);
    sbmt_token_list_finish(&list);
}

/* A published case: tokens of the text, or of both, and ids with what stands around them. */
static void assert_case(struct sbmt_tokenizer *tokenizer, const cJSON *one)
{
    const char *texts[2] = {
        cJSON_GetStringValue(cJSON_GetObjectItem(one, "text")),
        cJSON_GetStringValue(cJSON_GetObjectItem(one, "text_pair")),
    };
    struct sbmt_token_list lists[2] = {{0}}, input = {0};
    const cJSON *tokens = cJSON_GetObjectItem(one, "tokens"), *item;
    const cJSON *ids = cJSON_GetObjectItem(one, "ids");
    int count = 0;
    for (int i = 0; i < 2 && texts[i] != NULL; i++) {
        sbmt_tokenizer_encode(tokenizer, texts[i], strlen(texts[i]), &lists[i]);
        for (size_t j = 0; j < lists[i].count; j++, count++) {
            size_t length;
            ck_assert_str_eq(sbmt_vocabulary_token(&tokenizer->vocabulary, lists[i].id[j], &length),
                             cJSON_GetStringValue(cJSON_GetArrayItem(tokens, count)));
        }
    }
    ck_assert_int_eq(count, cJSON_GetArraySize(tokens));
    sbmt_pair_encode(&tokenizer->format, &lists[0], texts[1] != NULL ? &lists[1] : NULL, 512,
                     &input, NULL);
    ck_assert_int_eq((int)input.count, cJSON_GetArraySize(ids));
    count = 0;
    cJSON_ArrayForEach(item, ids) ck_assert_int_eq(input.id[count++], item->valueint);
    sbmt_token_list_finish(&lists[0]);
    sbmt_token_list_finish(&lists[1]);
    sbmt_token_list_finish(&input);
}

START_TEST(test_published_cases)
{
    struct sbmt_tokenizer tokenizer;
    size_t size;
    char *text = temporary_get(UNIT_DATA "/bert/expected.json", &size);
    cJSON *root = cJSON_ParseWithLength(text, size), *one;
    const cJSON *cases = cJSON_GetObjectItem(root, "cases");
    ck_assert_int_eq(cJSON_GetArraySize(cases), 30);
    open_bert(&tokenizer);
    cJSON_ArrayForEach(one, cases) assert_case(&tokenizer, one);
    sbmt_tokenizer_close(&tokenizer);
    cJSON_Delete(root);
    free(text);
}
END_TEST

START_TEST(test_bert_special)
{
    struct sbmt_tokenizer tokenizer;
    open_bert(&tokenizer);
    ck_assert_int_eq(tokenizer.special[SBMT_SPECIAL_PAD], 0);
    ck_assert_int_eq(tokenizer.special[SBMT_SPECIAL_BEGIN], 101);
    assert_tokens(&tokenizer, "[MASK]", "[MASK]");
    assert_tokens(&tokenizer, "the[MASK]the [SEP][CLS][PAD] [UNK]",
                  "the [MASK] the [SEP] [CLS] [PAD] [UNK]");
    assert_tokens(&tokenizer, "", "");
    /* Another case, or not whole: plain text. */
    assert_tokens(&tokenizer, "[mask]", "[UNK] [UNK] [UNK]");
    assert_tokens(&tokenizer, "[[MASK]", "[UNK] [MASK]");
    struct sbmt_token_list list = {0};
    struct sbmt_str back = {0};
    static const char text[] = "obj  [MASK]Hall\u00F6o, test!";
    sbmt_tokenizer_encode(&tokenizer, text, strlen(text), &list);
    sbmt_tokenizer_decode(&tokenizer, list.id, list.count, &back);
    ck_assert_str_eq(back.text, "obj [MASK] halloo , test !");
    sbmt_token_list_finish(&list);
    sbmt_str_finish(&back);
    sbmt_tokenizer_close(&tokenizer);
    sbmt_tokenizer_close(&tokenizer);
}
END_TEST

/* A small vocabulary of byte pairs, its special tokens first. */
static void write_byte_pairs(const char *vocab, const char *merges)
{
    struct sbmt_str text = {0};
    int id = 0;
    sbmt_str_printf(&text, "{");
    for (int i = 0; i < SBMT_SPECIAL_COUNT; i++)
        sbmt_str_printf(&text, "\"%s\": %d, ",
                        sbmt_special_text(SBMT_TOKENIZER_ROBERTA, (enum sbmt_special)i), id++);
    for (int byte = 0; byte < 256; byte++)
        sbmt_str_printf(&text, "\"\\u%04x\": %d, ",
                        (unsigned)sbmt_byte_pair_character((unsigned char)byte), id++);
    sbmt_str_printf(&text, "\"ab\": %d, \"\\u0120ab\": %d}", id, id + 1);
    temporary_put(vocab, text.text, text.length);
    temporary_text(merges, "#version: 0.2\na b\nĠ ab\n");
    sbmt_str_finish(&text);
}

START_TEST(test_roberta)
{
    struct temporary temporary = temporary_make();
    const char *vocab = temporary_path(&temporary, "vocab.json");
    const char *merges = temporary_path(&temporary, "merges.txt");
    struct sbmt_tokenizer tokenizer;
    struct sbmt_error err = {0};
    write_byte_pairs(vocab, merges);
    ck_assert_msg(sbmt_tokenizer_open_roberta(&tokenizer, vocab, merges, &err), "%s", err.message);
    ck_assert_int_eq(tokenizer.format.separators, 2);
    ck_assert(!tokenizer.format.types);
    assert_tokens(&tokenizer, "ab ab", "ab Ġab");
    assert_tokens(&tokenizer, "<s>ab</s> ab<unk><pad>", "<s> ab </s> Ġab <unk> <pad>");
    /* The spaces in front of a mask are its own, those behind it are not. */
    assert_tokens(&tokenizer, "ab \t\u00A0<mask> ab", "ab <mask> Ġab");
    assert_tokens(&tokenizer, " <mask>", "<mask>");
    assert_tokens(&tokenizer, "ab <unk>", "ab Ġ <unk>");
    assert_tokens(&tokenizer, "\xA0<mask>", "ł <mask>");
    struct sbmt_token_list list = {0};
    struct sbmt_str back = {0};
    static const char text[] = "AB <s> ab\n é";
    sbmt_tokenizer_encode(&tokenizer, text, strlen(text), &list);
    sbmt_tokenizer_decode(&tokenizer, list.id, list.count, &back);
    ck_assert_str_eq(back.text, text);
    sbmt_token_list_finish(&list);
    sbmt_str_finish(&back);
    sbmt_tokenizer_close(&tokenizer);
    temporary_remove(&temporary);
}
END_TEST

START_TEST(test_missing_special)
{
    static const char *const lines[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
    struct temporary temporary = temporary_make();
    const char *path = temporary_path(&temporary, "vocab.txt");
    for (int missing = 0; missing < 5; missing++) {
        struct sbmt_str text = {0};
        struct sbmt_tokenizer tokenizer;
        struct sbmt_error err = {0};
        char wanted[600];
        sbmt_str_printf(&text, "the\n");
        for (int i = 0; i < 5; i++)
            if (i != missing)
                sbmt_str_printf(&text, "%s\n", lines[i]);
        temporary_put(path, text.text, text.length);
        ck_assert(!sbmt_tokenizer_open_bert(&tokenizer, path, uncased, &err));
        snprintf(wanted, sizeof wanted, "%s: the token %s is missing", path, lines[missing]);
        ck_assert_str_eq(err.message, wanted);
        ck_assert_int_eq(err.kind, SBMT_ERROR_DATA);
        ck_assert_int_eq(tokenizer.vocabulary.count, 0);
        sbmt_str_finish(&text);
    }
    struct sbmt_tokenizer tokenizer;
    struct sbmt_error err = {0};
    temporary_text(path, "{\"<s>\": 0}");
    ck_assert(!sbmt_tokenizer_open_roberta(&tokenizer, path, path, &err));
    ck_assert_int_eq(tokenizer.vocabulary.count, 0);
    temporary_remove(&temporary);
}
END_TEST

SBMT_SUITE_MAIN("tokenizer", test_published_cases, test_bert_special, test_roberta,
                test_missing_special)
