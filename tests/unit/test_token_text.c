/* Tokens as a reader sees them: words, bytes, characters, numbers. */
#include "tests/suite.h"

#include "data/listops.h"
#include "data/prepared.h"
#include "data/text_form.h"
#include "data/token_text.h"

static void check(const struct sbmt_dataset *dataset, const int32_t *tokens, int count,
                  const char *expected)
{
    struct sbmt_str text = {0};
    sbmt_token_text(dataset, tokens, count, &text);
    ck_assert(!text.failed);
    ck_assert_str_eq(text.text != NULL ? text.text : "", expected);
    sbmt_str_finish(&text);
}

/* A data set of a task's form, whose prepared file has some words; NULL: none is there. */
static struct sbmt_dataset dataset_of(const char *task, int protocol, const char *metadata[2])
{
    struct sbmt_dataset dataset = {.task = sbmt_task_find(task, NULL)};
    ck_assert_ptr_nonnull(dataset.task);
    dataset.form = dataset.task->forms[protocol];
    dataset.file.metadata = metadata;
    dataset.file.metadata_count = metadata != NULL ? 1 : 0;
    return dataset;
}

START_TEST(words)
{
    const struct sbmt_dataset dataset = dataset_of("lra/listops", SBMT_PROTOCOL_GOOGLE, NULL);
    const int32_t tokens[] = {SBMT_LISTOPS_MIN, SBMT_LISTOPS_DIGIT + 7, SBMT_LISTOPS_CLOSE};
    check(&dataset, tokens, 3, "[MIN 7 ]");
    check(&dataset, tokens, 1, "[MIN");
    check(&dataset, tokens, 0, "");
}
END_TEST

START_TEST(numbers)
{
    const struct sbmt_dataset dataset = dataset_of("synthetic/repeated-tokens",
                                                   SBMT_PROTOCOL_GOOGLE, NULL);
    const int32_t tokens[] = {0, 255, 12};
    check(&dataset, tokens, 3, "0 255 12");
}
END_TEST

/* Token b + 1 is byte b; what cannot be printed is spelled out, one byte or a whole text. */
START_TEST(bytes)
{
    const struct sbmt_dataset dataset = dataset_of("lra/text", SBMT_PROTOCOL_SBM_PAPER, NULL);
    const int32_t tokens[] = {'a' + 1,  '\n' + 1, 0xC3 + 1,         0xA9 + 1,
                              0xC3 + 1, ' ' + 1,  SBMT_TEXT_PADDING};
    check(&dataset, tokens, 7, "a\\x0A\u00E9\\xC3 ");
    check(&dataset, tokens + 2, 1, "\\xC3");
}
END_TEST

START_TEST(characters)
{
    const char *metadata[2] = {sbmt_prepared_key(SBMT_PREPARED_WORDS), "a\u00E9\u20ACz"};
    const struct sbmt_dataset dataset = dataset_of("lra/text", SBMT_PROTOCOL_S4, metadata);
    const int32_t tokens[] = {SBMT_TEXT_FIRST + 3, SBMT_TEXT_FIRST + 1, SBMT_TEXT_FIRST + 2,
                              SBMT_TEXT_FIRST,     SBMT_TEXT_UNKNOWN,   SBMT_TEXT_END};
    check(&dataset, tokens, 6, "z\u00E9\u20ACa\uFFFD");
    const int32_t past[] = {SBMT_TEXT_FIRST + 4};
    check(&dataset, past, 1, "\uFFFD");
}
END_TEST

SBMT_SUITE_MAIN("token_text", words, numbers, bytes, characters)
