/* Who attends to whom in a ring of chunks. */
#include <stdio.h>
#include <string.h>

#include "core/attention/ring.h"
#include "tests/suite.h"

/* Two rounds of seven tokens, the second one backwards. */
static const int32_t order[] = {0, 1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1, 0};

static void list(char *text, size_t size, const int32_t *token, int count)
{
    int length = 0;
    for (int i = 0; i < count; i++)
        length += snprintf(text + length, size - (size_t)length, "%s%d", i == 0 ? "" : " ",
                           (int)token[i]);
}

static void expect(const struct sbmt_ring *ring, int number, const char *queries, const char *keys,
                   bool may_recur)
{
    int32_t key[32];
    char text[128];
    const struct sbmt_chunk chunk = sbmt_ring_chunk(ring, order, number, key);
    ck_assert_int_le(chunk.group.queries, sbmt_ring_most_queries(ring));
    ck_assert_int_le(chunk.group.keys, sbmt_ring_most_keys(ring));
    ck_assert_ptr_eq(chunk.group.query, order + chunk.begin);
    list(text, sizeof text, chunk.group.query, chunk.group.queries);
    ck_assert_str_eq(text, queries);
    list(text, sizeof text, chunk.group.key, chunk.group.keys);
    ck_assert_str_eq(text, keys);
    ck_assert_int_eq(chunk.may_recur, may_recur);
    for (int i = 0; i < chunk.group.queries; i++)
        ck_assert_int_eq(key[chunk.own + i], chunk.group.query[i]);
}

START_TEST(a_chunk_looks_at_itself_and_the_one_before)
{
    const struct sbmt_ring ring = sbmt_ring_make(7, 3, 2, 1, 0);
    ck_assert_int_eq(ring.chunks, 6);
    ck_assert_int_eq(sbmt_ring_rounds(&ring), 2);
    expect(&ring, 0, "0 1 2", "0 0 1 2", true);
    expect(&ring, 1, "3 4 5", "0 1 2 3 4 5", false);
    expect(&ring, 2, "6", "3 4 5 6", false);
    expect(&ring, 3, "6 5 4", "6 6 5 4", true);
    expect(&ring, 5, "0", "3 2 1 0", false);
}
END_TEST

START_TEST(a_chunk_looks_both_ways)
{
    const struct sbmt_ring ring = sbmt_ring_make(7, 4, 2, 1, 1);
    expect(&ring, 0, "0 1 2 3", "2 1 0 0 1 2 3 4 5 6", true);
    expect(&ring, 3, "2 1 0", "6 5 4 3 2 1 0 0 1 2 3", true);
}
END_TEST

START_TEST(no_chunk_is_looked_at_twice)
{
    const struct sbmt_ring one_round = sbmt_ring_make(7, 4, 1, 3, 3);
    expect(&one_round, 0, "0 1 2 3", "4 5 6 0 1 2 3", false);
    expect(&one_round, 1, "4 5 6", "0 1 2 3 4 5 6", false);
    const struct sbmt_ring three = sbmt_ring_make(7, 3, 1, 1, 5);
    expect(&three, 2, "6", "3 4 5 6 0 1 2", false);
}
END_TEST

START_TEST(a_chunk_of_all_tokens_is_the_only_one)
{
    const struct sbmt_ring ring = sbmt_ring_make(7, 7, 5, 2, 2);
    ck_assert_int_eq(sbmt_ring_rounds(&ring), 1);
    expect(&ring, 0, "0 1 2 3 4 5 6", "0 1 2 3 4 5 6", false);
}
END_TEST

SBMT_SUITE_MAIN("ring", a_chunk_looks_at_itself_and_the_one_before, a_chunk_looks_both_ways,
                no_chunk_is_looked_at_twice, a_chunk_of_all_tokens_is_the_only_one)
