/* Growing strings, edit distance and suggestions for mistyped words. */
#include "tests/suite.h"

#include <stdio.h>
#include <string.h>

#include "core/base/str.h"

START_TEST(text_grows_as_it_is_appended)
{
    struct sbmt_str str = {0};
    char expected[4000] = "";
    for (int i = 0; i < 500; i++) {
        sbmt_str_printf(&str, "%d,", i);
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%d,", i);
    }
    ck_assert(!str.failed);
    ck_assert_str_eq(str.text, expected);
    ck_assert_uint_eq(str.length, strlen(expected));
    sbmt_str_finish(&str);
    ck_assert_ptr_null(str.text);
    sbmt_str_finish(&str);
}
END_TEST

START_TEST(bytes_may_hold_zeros)
{
    struct sbmt_str str = {0};
    sbmt_str_append(&str, "a\0b", 3);
    sbmt_str_append(&str, "", 0);
    ck_assert_uint_eq(str.length, 3);
    ck_assert_mem_eq(str.text, "a\0b", 4);
    sbmt_str_finish(&str);
}
END_TEST

START_TEST(nothing_appended_to_nothing_is_an_empty_string)
{
    struct sbmt_str str = {0};
    sbmt_str_clear(&str);
    ck_assert_ptr_null(str.text);
    sbmt_str_append(&str, NULL, 0);
    ck_assert_str_eq(str.text, "");
    sbmt_str_finish(&str);
}
END_TEST

START_TEST(clear_keeps_the_memory)
{
    struct sbmt_str str = {0};
    sbmt_str_printf(&str, "%200s", "x");
    const char *text = str.text;
    const size_t capacity = str.capacity;
    sbmt_str_clear(&str);
    ck_assert_str_eq(str.text, "");
    ck_assert_uint_eq(str.length, 0);
    sbmt_str_printf(&str, "short");
    ck_assert_str_eq(str.text, "short");
    ck_assert_ptr_eq(str.text, text);
    ck_assert_uint_eq(str.capacity, capacity);
    sbmt_str_finish(&str);
}
END_TEST

START_TEST(distance_counts_edits_and_swaps)
{
    ck_assert_int_eq(sbmt_str_distance("", ""), 0);
    ck_assert_int_eq(sbmt_str_distance("steps", "steps"), 0);
    ck_assert_int_eq(sbmt_str_distance("", "abc"), 3);
    ck_assert_int_eq(sbmt_str_distance("step", "steps"), 1);
    ck_assert_int_eq(sbmt_str_distance("stpes", "steps"), 1);
    ck_assert_int_eq(sbmt_str_distance("kitten", "sitting"), 3);
    ck_assert_int_eq(sbmt_str_distance("batchsize", "batch_size"), 1);
    ck_assert_int_eq(sbmt_str_distance("sitting", "kitten"), 3);
}
END_TEST

START_TEST(overlong_words_are_far_from_everything)
{
    char word[200];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    ck_assert_int_eq(sbmt_str_distance(word, "a"), 199);
    ck_assert_int_eq(sbmt_str_distance("a", word), 199);
    const char *best = NULL;
    int distance = 0;
    sbmt_str_nearest(word, "a", &best, &distance);
    sbmt_str_nearest("a", word, &best, &distance);
    ck_assert_ptr_null(best);
}
END_TEST

START_TEST(nearest_keeps_the_first_of_the_best)
{
    static const char *const keys[] = {"shards", "batch_size", "lr", "batchsized", "beta1"};
    const char *best = NULL;
    int distance = 12345;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        sbmt_str_nearest("batchsize", keys[i], &best, &distance);
    ck_assert_str_eq(best, "batch_size");
    ck_assert_int_eq(distance, 1);
}
END_TEST

START_TEST(nothing_near_gives_no_suggestion)
{
    const char *best = NULL;
    int distance = 0;
    sbmt_str_nearest("colour", "batch_size", &best, &distance);
    sbmt_str_nearest("colour", "lr", &best, &distance);
    ck_assert_ptr_null(best);
}
END_TEST

SBMT_SUITE_MAIN("str", text_grows_as_it_is_appended, bytes_may_hold_zeros,
                nothing_appended_to_nothing_is_an_empty_string, clear_keeps_the_memory,
                distance_counts_edits_and_swaps, overlong_words_are_far_from_everything,
                nearest_keeps_the_first_of_the_best, nothing_near_gives_no_suggestion)
