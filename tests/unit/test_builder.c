/* Tests of gathering examples and writing prepared files. */
#include <signal.h>
#include <sys/resource.h>

#include "tests/unit/built.h"

static void put(struct built *built, int first, int count)
{
    for (int i = 0; i < count; i++)
        sbmt_builder_token(&built->builder, first + i);
    sbmt_builder_end(&built->builder);
}

START_TEST(test_pairs)
{
    static const struct sbmt_form form = {.unit = "number", .vocab = 256, .max_length = 4};
    static const int first[] = {250, 251, 252}, cut[] = {0, 1, 2, 3};
    struct built built;
    built_begin(&built, &form, 2);
    put(&built, 250, 3);
    put(&built, 0, 5);
    sbmt_builder_label(&built.builder, 1);
    put(&built, 0, 4);
    put(&built, 255, 1);
    sbmt_builder_label(&built.builder, 0);
    ck_assert_int_eq(sbmt_builder_count(&built.builder), 2);
    ck_assert_int_eq(built.builder.cut, 1);
    ck_assert_int_eq(built.builder.kept, 12);
    /* Nothing appears before it is whole. */
    ck_assert_int_eq(temporary_count(built.temporary.folder), 0);
    const struct sbmt_examples *examples = built_read(&built);
    ck_assert_int_eq(examples->count, 2);
    ck_assert_ptr_nonnull(examples->tokens8);
    built_tokens(&built, 0, first, 3);
    built_tokens(&built, 1, cut, 4);
    built_tokens(&built, 2, cut, 4);
    built_tokens(&built, 3, (const int[]){255}, 1);
    static const int64_t lengths[] = {3, 5, 4, 1};
    ck_assert_mem_eq(examples->source_length, lengths, sizeof lengths);
    ck_assert_int_eq(examples->label[0], 1);
    ck_assert_int_eq(examples->label[1], 0);
    ck_assert_int_eq(built.dataset.longest, 7);
    for (int e = 0; e < 2; e++)
        ck_assert_msg(sbmt_prepared_check(&built.dataset, e, &built.err), "%s", built.err.message);
    ck_assert(sbmt_prepared_compare(&built.dataset.file, &built_origin) == SBMT_PREPARED_SAME);
    ck_assert_str_eq(sbmt_safetensors_metadata(&built.dataset.file, "words"), "number");
    built_end(&built);
}
END_TEST

/* The end token counts, and stands behind what was cut. */
START_TEST(test_end_token)
{
    static const struct sbmt_form form = {
        .unit = "number", .vocab = 257, .max_length = 4, .end = 2};
    struct built built;
    built_begin(&built, &form, 1);
    for (int count = 1; count <= 5; count++) {
        put(&built, 10, count);
        sbmt_builder_label(&built.builder, 0);
    }
    ck_assert_int_eq(built.builder.cut, 2);
    const struct sbmt_examples *examples = built_read(&built);
    ck_assert_ptr_nonnull(examples->tokens16);
    for (int e = 0; e < 5; e++) {
        const int kept = e + 1 < 3 ? e + 1 : 3;
        int wanted[] = {10, 11, 12, 13};
        wanted[kept] = 2;
        built_tokens(&built, e, wanted, kept + 1);
        ck_assert_int_eq(examples->source_length[e], e + 2);
    }
    built_end(&built);
}
END_TEST

/* Examples much larger than its blocks and than one another, in both widths. */
START_TEST(test_many_tokens)
{
    for (int vocab = 256; vocab <= 65536; vocab *= 256) {
        const struct sbmt_form form = {.unit = "number", .vocab = vocab, .max_length = 100000};
        struct built built;
        built_begin(&built, &form, 1);
        for (int e = 0; e < 12; e++) {
            for (int i = 0; i < 1 << e; i++)
                for (int t = 0; t < 7; t++)
                    sbmt_builder_token(&built.builder, (i * 7919 + t * e) % vocab);
            sbmt_builder_end(&built.builder);
            sbmt_builder_label(&built.builder, e % 2);
        }
        const struct sbmt_examples *examples = built_read(&built);
        ck_assert_int_eq(examples->count, 12);
        for (int e = 0; e < 12; e++) {
            const int64_t begin = examples->offset[e];
            ck_assert_int_eq(examples->offset[e + 1] - begin, 7 * (1 << e));
            ck_assert(sbmt_prepared_check(&built.dataset, e, &built.err));
            for (int i = 0; i < 7 * (1 << e); i++)
                ck_assert_int_eq(examples->tokens8 != NULL ? examples->tokens8[begin + i]
                                                           : examples->tokens16[begin + i],
                                 (i / 7 * 7919 + i % 7 * e) % vocab);
        }
        built_end(&built);
    }
}
END_TEST

/* A vocabulary that is known only once the source has been looked at. */
START_TEST(test_vocabulary)
{
    static const struct sbmt_form form = {.unit = "character", .max_length = 4};
    static const char words[] = "\t \"\\é☃𝄞";
    struct built built;
    built_begin(&built, &form, 1);
    sbmt_builder_vocabulary(&built.builder, 300, words);
    put(&built, 299, 1);
    sbmt_builder_label(&built.builder, 0);
    ck_assert_ptr_nonnull(built_read(&built)->tokens16);
    ck_assert_int_eq(built.dataset.vocab, 300);
    ck_assert_str_eq(sbmt_safetensors_metadata(&built.dataset.file, "words"), words);
    built_end(&built);
}
END_TEST

START_TEST(test_no_examples)
{
    static const struct sbmt_form form = {.unit = "number", .vocab = 9, .max_length = 4};
    struct built built;
    built_begin(&built, &form, 1);
    ck_assert(!sbmt_builder_write(&built.builder, &built_origin, "made-up", &built.err));
    ck_assert_str_eq(built.err.message, "made-up: holds no examples");
    ck_assert_int_eq(built.err.kind, SBMT_ERROR_DATA);
    ck_assert_int_eq(temporary_count(built.temporary.folder), 0);
    built_end(&built);
    struct sbmt_builder closed = {0};
    sbmt_builder_close(&closed);
}
END_TEST

/* Building 300,000 bytes of tokens under a limit of the size of files fails, as on a full disk;
 * what was there before stays. */
static void assert_full(rlim_t most, const char *reason)
{
    static const struct sbmt_form form = {.unit = "number", .vocab = 9, .max_length = 1000};
    struct built built;
    struct rlimit limit;
    char wanted[600];
    built_begin(&built, &form, 1);
    temporary_text(built.path, "old");
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    const struct rlimit before = limit;
    limit.rlim_cur = most;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    for (int e = 0; e < 300; e++) {
        for (int t = 0; t < 1000; t++)
            sbmt_builder_token(&built.builder, t % 9);
        sbmt_builder_end(&built.builder);
        sbmt_builder_label(&built.builder, 0);
    }
    const bool written = sbmt_builder_write(&built.builder, &built_origin, "made-up", &built.err);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    ck_assert(!written);
    snprintf(wanted, sizeof wanted, "%s: %s", built.path, reason);
    ck_assert_str_eq(built.err.message, wanted);
    ck_assert_int_eq(built.err.kind, SBMT_ERROR_IO);
    size_t size;
    char *old = temporary_get(built.path, &size);
    ck_assert_str_eq(old, "old");
    free(old);
    ck_assert_int_eq(temporary_count(built.temporary.folder), 1);
    built_end(&built);
}

START_TEST(test_disk_full)
{
    signal(SIGXFSZ, SIG_IGN);
    /* Where the tokens wait; and where there is room for them alone. */
    assert_full(100000, "its tokens cannot be kept: File too large");
    assert_full(302000, "cannot write: File too large; the previous file is untouched");
}
END_TEST

SBMT_SUITE_MAIN("builder", test_pairs, test_end_token, test_many_tokens, test_vocabulary,
                test_no_examples, test_disk_full)
