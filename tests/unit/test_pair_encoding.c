/* Tests of inputs of one and two sequences. */
#include "data/pair_encoding.h"

#include "tests/suite.h"

enum { BEGIN = 101, SEPARATOR = 102 };

static const struct sbmt_pair_format bert = {BEGIN, SEPARATOR, 1, true};
static const struct sbmt_pair_format roberta = {BEGIN, SEPARATOR, 2, false};

/* The rule as it is published: token by token. */
static void truncate_slowly(size_t *a, size_t *b, size_t room)
{
    while (*a + *b > room)
        if (*a > *b)
            --*a;
        else
            --*b;
}

START_TEST(test_truncation)
{
    for (size_t a = 0; a < 12; a++)
        for (size_t b = 0; b < 12; b++)
            for (size_t room = 0; room < 25; room++) {
                size_t fast[2] = {a, b}, slow[2] = {a, b};
                sbmt_pair_truncate(&fast[0], &fast[1], room);
                truncate_slowly(&slow[0], &slow[1], room);
                ck_assert_uint_eq(fast[0], slow[0]);
                ck_assert_uint_eq(fast[1], slow[1]);
            }
}
END_TEST

static void assert_list(const struct sbmt_token_list *list, const int32_t *wanted, size_t count)
{
    ck_assert_uint_eq(list->count, count);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(list->id[i], wanted[i]);
}

/* Encodes 1 2 3, and 7 8 if `pair`, and compares. */
static void assert_input(const struct sbmt_pair_format *format, bool pair, size_t most,
                         const int32_t *wanted, const int32_t *wanted_types, size_t count)
{
    int32_t first[] = {1, 2, 3}, second[] = {7, 8};
    const struct sbmt_token_list a = {.id = first, .count = 3}, b = {.id = second, .count = 2};
    struct sbmt_token_list tokens = {0}, types = {0};
    for (int round = 0; round < 2; round++) {
        sbmt_pair_encode(format, &a, pair ? &b : NULL, most, &tokens, &types);
        assert_list(&tokens, wanted, count);
        assert_list(&types, wanted_types, count);
        sbmt_pair_encode(format, &a, pair ? &b : NULL, most, &tokens, NULL);
        assert_list(&tokens, wanted, count);
    }
    sbmt_token_list_finish(&tokens);
    sbmt_token_list_finish(&types);
}

START_TEST(test_forms)
{
    static const int32_t zero[16] = {0};
    assert_input(&bert, false, 16, (int32_t[]){BEGIN, 1, 2, 3, SEPARATOR}, zero, 5);
    assert_input(&bert, false, 4, (int32_t[]){BEGIN, 1, 2, SEPARATOR}, zero, 4);
    assert_input(&bert, false, 2, (int32_t[]){BEGIN, SEPARATOR}, zero, 2);
    assert_input(&bert, true, 16, (int32_t[]){BEGIN, 1, 2, 3, SEPARATOR, 7, 8, SEPARATOR},
                 (int32_t[]){0, 0, 0, 0, 0, 1, 1, 1}, 8);
    assert_input(&bert, true, 6, (int32_t[]){BEGIN, 1, 2, SEPARATOR, 7, SEPARATOR},
                 (int32_t[]){0, 0, 0, 0, 1, 1}, 6);
    assert_input(&bert, true, 3, (int32_t[]){BEGIN, SEPARATOR, SEPARATOR}, (int32_t[]){0, 0, 1}, 3);
    assert_input(&roberta, false, 16, (int32_t[]){BEGIN, 1, 2, 3, SEPARATOR}, zero, 5);
    assert_input(&roberta, true, 9,
                 (int32_t[]){BEGIN, 1, 2, 3, SEPARATOR, SEPARATOR, 7, 8, SEPARATOR}, zero, 9);
    assert_input(&roberta, true, 6, (int32_t[]){BEGIN, 1, SEPARATOR, SEPARATOR, 7, SEPARATOR}, zero,
                 6);
    ck_assert_int_eq(sbmt_pair_added(&bert, true), 3);
    ck_assert_int_eq(sbmt_pair_added(&roberta, true), 4);
    ck_assert_int_eq(sbmt_pair_added(&roberta, false), 2);
}
END_TEST

SBMT_SUITE_MAIN("pair_encoding", test_truncation, test_forms)
