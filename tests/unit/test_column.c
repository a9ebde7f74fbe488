/* Tests of values that grow in number. */
#include <stdint.h>

#include "data/column.h"
#include "tests/suite.h"

START_TEST(test_grows)
{
    struct sbmt_column column = {0};
    /* One at a time past every doubling, then in pieces larger than a doubling. */
    for (size_t i = 0; i < 5000; i++) {
        uint32_t *place = sbmt_column_add(&column, 1, sizeof *place);
        ck_assert_ptr_eq(place, (uint32_t *)column.values + i);
        *place = (uint32_t)i;
    }
    for (size_t count = 1; count < 1000000; count *= 7) {
        const size_t before = column.used;
        uint32_t *place = sbmt_column_add(&column, count, sizeof *place);
        ck_assert_ptr_eq(place, (uint32_t *)column.values + before);
        for (size_t i = 0; i < count; i++)
            place[i] = (uint32_t)(before + i);
        ck_assert_uint_eq(column.used, before + count);
        ck_assert_uint_ge(column.capacity, column.used);
    }
    size_t wrong = 0;
    for (size_t i = 0; i < column.used; i++)
        wrong += ((const uint32_t *)column.values)[i] != i;
    ck_assert_uint_eq(wrong, 0);
    sbmt_column_finish(&column);
    ck_assert_ptr_null(column.values);
    ck_assert_uint_eq(column.used, 0);
    sbmt_column_finish(&column);
}
END_TEST

/* What is more than any memory is refused, and nothing is lost. */
START_TEST(test_too_much)
{
    struct sbmt_column column = {0};
    char *first = sbmt_column_add(&column, 1, 1);
    ck_assert_ptr_nonnull(first);
    *first = 'a';
    ck_assert_ptr_null(sbmt_column_add(&column, (size_t)1 << 60, 1 << 10));
    ck_assert_ptr_null(sbmt_column_add(&column, SIZE_MAX, 1));
    ck_assert_uint_eq(column.used, 1);
    char *second = sbmt_column_add(&column, 1, 1);
    ck_assert_ptr_eq(second, (char *)column.values + 1);
    ck_assert_int_eq(*(char *)column.values, 'a');
    sbmt_column_finish(&column);
}
END_TEST

SBMT_SUITE_MAIN("column", test_grows, test_too_much)
